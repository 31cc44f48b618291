internal import Model
internal import SQLite

/// The tables of feedback_loop.db.
enum FeedbackTables {
  /// "KZFL" in ASCII.
  static let applicationID: Int32 = 0x4B5A_464C

  static let schema = Schema(
    applicationID: applicationID,
    migrations: [version1, InsightTables.migration, InsightTables.totals])

  /// Entries are appended and never changed.
  ///
  /// Texts that recur are numbers, so that a row is short and old days can be sealed into columns.
  /// There is no second index: one costs a third of the rate and more, and what is asked often is
  /// answered from memory.
  private static let version1 = """
    CREATE TABLE agents (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      first_seen INTEGER NOT NULL          -- nanoseconds since 1970
    ) STRICT;
    CREATE TABLE error_types (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE feedback_entries (
      id INTEGER PRIMARY KEY,              -- in the order of arrival
      agent INTEGER NOT NULL,              -- agents.id
      time INTEGER NOT NULL,               -- nanoseconds since 1970
      received INTEGER NOT NULL,           -- seconds since 1970
      type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 7),
      source INTEGER NOT NULL CHECK (source BETWEEN 0 AND 5),
      operation TEXT NOT NULL,
      score REAL CHECK (score BETWEEN 0 AND 1),
      duration INTEGER CHECK (duration >= 0),   -- nanoseconds
      memory_mb REAL,
      cpu_percent REAL,
      error_type INTEGER,                  -- error_types.id
      generation INTEGER,
      idempotency_id TEXT,
      details TEXT                         -- JSON, all else that was said
    ) STRICT;
    CREATE TABLE score_aggregates (
      agent INTEGER NOT NULL,
      day INTEGER NOT NULL,                -- days since 1970, UTC
      generation INTEGER NOT NULL,         -- 0: not said
      type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 7),
      records INTEGER NOT NULL,
      operations INTEGER NOT NULL,         -- distinct ones with this type
      new_operations INTEGER NOT NULL,     -- those of which this was the first record
      errors INTEGER NOT NULL,             -- records with an error type
      score_count INTEGER NOT NULL,
      score_sum REAL NOT NULL,
      duration_count INTEGER NOT NULL,
      duration_sum INTEGER NOT NULL,       -- nanoseconds
      first_time INTEGER NOT NULL,
      last_time INTEGER NOT NULL,
      PRIMARY KEY (agent, day, generation, type)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE open_operations (
      agent INTEGER NOT NULL,
      operation TEXT NOT NULL,
      generation INTEGER,
      started INTEGER NOT NULL,            -- nanoseconds since 1970
      PRIMARY KEY (agent, operation)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE patterns (
      id INTEGER PRIMARY KEY,
      agent INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN
        ('failure', 'success', 'quality', 'performance', 'behavior')),
      signature TEXT NOT NULL,
      frequency INTEGER NOT NULL,
      confidence REAL NOT NULL,
      confidence_lower REAL NOT NULL,      -- Wilson, 95 %
      first_seen INTEGER NOT NULL,
      last_seen INTEGER NOT NULL,
      evidence TEXT NOT NULL,              -- JSON
      UNIQUE (agent, kind, signature)
    ) STRICT;
    CREATE TABLE learning_events (
      id INTEGER PRIMARY KEY,
      agent INTEGER NOT NULL,
      pattern INTEGER,                     -- patterns.id
      kind TEXT NOT NULL CHECK (kind IN ('error_avoidance', 'positive_reinforcement',
        'optimization', 'pattern_recognition', 'skill_enhancement')),
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      impact REAL NOT NULL,
      evidence TEXT NOT NULL,              -- JSON
      created INTEGER NOT NULL,
      expires INTEGER NOT NULL,
      applied INTEGER                      -- when; NULL: not yet
    ) STRICT;
    """
}

extension FeedbackType {
  /// The number that stands for it on disk; never changed, never used again for another.
  var code: UInt8 {
    switch self {
    case .success: 0
    case .failure: 1
    case .qualityScore: 2
    case .userRating: 3
    case .performance: 4
    case .coverage: 5
    case .security: 6
    case .documentation: 7
    }
  }

  /// All of them by their number.
  static let byCode = allCases.sorted { $0.code < $1.code }
}

extension FeedbackSource {
  /// The number that stands for it on disk; never changed, never used again for another.
  var code: UInt8 {
    switch self {
    case .agent: 0
    case .guardian: 1
    case .user: 2
    case .system: 3
    case .test: 4
    case .flock: 5
    }
  }

  /// All of them by their number.
  static let byCode = allCases.sorted { $0.code < $1.code }
}
