/// How patterns and learnings lie in feedback_loop.db.
enum InsightTables {
  /// Ids that say what they stand for, instead of row numbers.
  ///
  /// So the same pattern found again has the same id, and a learning that sits in an agent's
  /// instructions is never confused with another. Both tables were empty up to here.
  static let migration = """
    DROP TABLE patterns;
    DROP TABLE learning_events;
    CREATE TABLE patterns (
      id TEXT PRIMARY KEY,                 -- of agent, kind and signature
      agent INTEGER NOT NULL,              -- agents.id
      kind TEXT NOT NULL CHECK (kind IN
        ('failure', 'success', 'quality', 'performance', 'behavior')),
      signature TEXT NOT NULL,
      title TEXT NOT NULL,
      frequency INTEGER NOT NULL,
      chances INTEGER NOT NULL,
      confidence REAL NOT NULL,
      confidence_lower REAL NOT NULL,      -- Wilson, 95 %
      first_seen INTEGER NOT NULL,         -- nanoseconds since 1970, as all times here
      last_seen INTEGER NOT NULL,
      evidence TEXT NOT NULL,              -- JSON
      UNIQUE (agent, kind, signature)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE learning_events (
      id TEXT PRIMARY KEY,
      agent INTEGER NOT NULL,
      pattern TEXT NOT NULL,               -- the patterns.id it was drawn from
      kind TEXT NOT NULL CHECK (kind IN ('error_avoidance', 'positive_reinforcement',
        'optimization', 'pattern_recognition', 'skill_enhancement')),
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      impact REAL NOT NULL CHECK (impact BETWEEN 0 AND 1),
      evidence TEXT NOT NULL,              -- JSON
      created INTEGER NOT NULL,
      expires INTEGER NOT NULL,
      applied INTEGER,                     -- when; NULL: not yet
      applied_generation INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX learning_events_by_agent ON learning_events (agent, expires);
    """

  /// How many learnings were ever drawn: their own rows go when they expire.
  static let totals = """
    CREATE TABLE insight_totals (
      kind TEXT PRIMARY KEY,               -- learning_events.kind
      count INTEGER NOT NULL               -- since the first record; never falls
    ) STRICT, WITHOUT ROWID;
    INSERT INTO insight_totals SELECT kind, count(*) FROM learning_events GROUP BY kind;
    """
}
