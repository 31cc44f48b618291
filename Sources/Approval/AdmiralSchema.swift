/// The Admiral's tables, for the schema of the database it is given.
public enum AdmiralSchema {
  /// Statements that make the tables in an empty database.
  public static let statements = [approvals, dueIndex, audit, inOrder, noUpdate, noDelete]

  private static let approvals = """
    CREATE TABLE approvals (
      id TEXT NOT NULL UNIQUE,
      agent TEXT NOT NULL,
      plan TEXT NOT NULL,
      run TEXT,
      stage TEXT NOT NULL CHECK (stage IN ('before_trial', 'before_promotion')),
      digest TEXT NOT NULL CHECK (length(digest) = 64),
      severity TEXT NOT NULL,
      title TEXT NOT NULL,
      requested_by TEXT NOT NULL,
      proposers TEXT NOT NULL,
      evidence TEXT NOT NULL,
      rules TEXT NOT NULL,
      needed INTEGER NOT NULL CHECK (needed > 0),
      approvers TEXT NOT NULL,
      four_eyes INTEGER NOT NULL CHECK (four_eyes IN (0, 1)),
      created_ns INTEGER NOT NULL,
      expires_ns INTEGER NOT NULL,
      state TEXT NOT NULL
        CHECK (state IN ('pending', 'approved', 'rejected', 'expired', 'used')),
      decisions TEXT NOT NULL
    ) STRICT
    """

  /// Only what is open can be due, and that is little: a partial index.
  private static let dueIndex = """
    CREATE INDEX approvals_open ON approvals (expires_ns)
      WHERE state IN ('pending', 'approved')
    """

  private static let audit = """
    CREATE TABLE audit (
      sequence INTEGER PRIMARY KEY,
      time_ns INTEGER NOT NULL,
      actor TEXT NOT NULL,
      action TEXT NOT NULL,
      agent TEXT,
      subject TEXT,
      details TEXT NOT NULL,
      previous TEXT NOT NULL CHECK (length(previous) = 64),
      hash TEXT NOT NULL CHECK (length(hash) = 64)
    ) STRICT
    """

  /// Also stops INSERT OR REPLACE, whose deletions fire no delete trigger.
  /// - Source: https://sqlite.org/lang_conflict.html, "REPLACE".
  private static let inOrder = """
    CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
      WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
      BEGIN SELECT RAISE(ABORT, 'the audit takes the next entry only'); END
    """

  private static let noUpdate = """
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """

  private static let noDelete = """
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """
}
