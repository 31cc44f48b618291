/// The tables of optimization_engine.db that this room owns; Approval brings its own.
enum EngineSchema {
  /// `application_id` of the file: "KzOE".
  static let applicationID: Int32 = 0x4B7A_4F45

  /// Version 1.
  static let statements = [
    """
    CREATE TABLE agents (
      id TEXT PRIMARY KEY,
      root TEXT NOT NULL UNIQUE,
      store TEXT NOT NULL,
      mode TEXT NOT NULL,
      descriptor TEXT NOT NULL,
      base_tests TEXT,
      rollback TEXT,
      added_at INTEGER NOT NULL,
      added_by INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE generations (
      agent TEXT NOT NULL,
      number INTEGER NOT NULL,
      digest TEXT NOT NULL,
      origin TEXT NOT NULL,
      quality REAL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (agent, number)
    ) STRICT
    """,
    """
    CREATE TABLE performance_metrics (
      agent TEXT NOT NULL,
      time INTEGER NOT NULL,
      days INTEGER NOT NULL,
      metrics TEXT NOT NULL,
      PRIMARY KEY (agent, time)
    ) STRICT
    """,
    """
    CREATE TABLE health_history (
      agent TEXT NOT NULL,
      time INTEGER NOT NULL,
      score REAL,
      operations INTEGER NOT NULL,
      terms TEXT NOT NULL,
      PRIMARY KEY (agent, time)
    ) STRICT
    """,
    """
    CREATE TABLE opportunities (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      agent TEXT NOT NULL,
      type TEXT NOT NULL,
      component TEXT NOT NULL,
      title TEXT NOT NULL,
      severity TEXT NOT NULL,
      strength REAL NOT NULL,
      evidence TEXT NOT NULL,
      first_seen INTEGER NOT NULL,
      last_seen INTEGER NOT NULL,
      is_open INTEGER NOT NULL,
      UNIQUE (agent, type, component, title)
    ) STRICT
    """,
    """
    CREATE TABLE optimization_plans (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL,
      agent TEXT NOT NULL,
      strategy TEXT NOT NULL,
      items TEXT NOT NULL,
      needs_approval INTEGER NOT NULL,
      requested_by INTEGER NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT
    """,
    // One row a trial: the state is the intent that recovery starts from.
    """
    CREATE TABLE optimization_results (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      plan INTEGER NOT NULL REFERENCES optimization_plans (id),
      agent TEXT NOT NULL,
      state TEXT NOT NULL,
      verdict TEXT,
      was_live INTEGER NOT NULL DEFAULT 0,
      code TEXT,
      reason TEXT,
      base INTEGER NOT NULL,
      generation INTEGER,
      intent TEXT,
      approval TEXT,
      evidence TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER
    ) STRICT
    """,
    "CREATE INDEX results_by_agent ON optimization_results (agent, id)",
    "CREATE INDEX results_unfinished ON optimization_results (state) WHERE ended_at IS NULL",
  ]

  /// Version 2: runs with ids of their own, what the continuous loop may do, and what is frozen.
  static let unattended = [
    "ALTER TABLE agents ADD COLUMN autopilot TEXT",
    "ALTER TABLE optimization_plans ADD COLUMN origin TEXT NOT NULL DEFAULT 'user'",
    """
    CREATE TABLE optimization_runs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      agent TEXT NOT NULL,
      strategy TEXT NOT NULL,
      origin TEXT NOT NULL,
      is_dry_run INTEGER NOT NULL,
      requested_by INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      verdict TEXT,
      code TEXT,
      reason TEXT,
      health REAL
    ) STRICT
    """,
    // Ids go on after those that plans of version 1 name.
    // - Source: https://sqlite.org/autoinc.html, ordinary INSERTs may change sqlite_sequence.
    """
    INSERT INTO sqlite_sequence (name, seq)
      SELECT 'optimization_runs', coalesce(max(run), 0) FROM optimization_plans
    """,
    "CREATE INDEX runs_by_agent ON optimization_runs (agent, id)",
    // The empty agent is all of them.
    """
    CREATE TABLE freezes (
      agent TEXT PRIMARY KEY,
      until INTEGER NOT NULL,
      since INTEGER NOT NULL,
      by_user INTEGER NOT NULL,
      reason TEXT
    ) STRICT
    """,
    """
    CREATE TABLE disabled_components (
      id TEXT PRIMARY KEY,
      since INTEGER NOT NULL,
      by_user INTEGER NOT NULL
    ) STRICT
    """,
  ]
}
