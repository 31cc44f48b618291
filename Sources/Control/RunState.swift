/// Whether a run goes on; one that waits for a decision is done until it is taken.
public enum RunState: String, CaseIterable, Sendable { case running, done }
