internal import Linux
internal import Model

/// The jobs that wait for the writer; when it is full, senders are refused, and nothing is lost.
final class WriteQueue: Sendable {
  /// Most records that wait.
  static let recordsMax = 65_536
  /// Most bytes that wait, roughly: 64 MiB.
  static let bytesMax = 64 << 20
  /// Most records of one commit, of however many senders.
  static let commitRecordsMax = 16_384
  /// How long a sender waits for room.
  static let roomWaitMax = Duration.seconds(1)

  typealias Entry = (job: WriteJob, ticket: Ticket)

  private struct State: Sendable {
    var jobs: [Entry] = []
    var records = 0
    var bytes = 0
    var isClosed = false

    /// Removes as many jobs as one commit takes, at least one where there is one.
    mutating func takeCommit() -> [Entry] {
      var count = 0
      var records = 0
      while count < jobs.count,
        count == 0 || records + jobs[count].job.count <= WriteQueue.commitRecordsMax
      {
        records += jobs[count].job.count
        bytes -= jobs[count].job.weight
        count += 1
      }
      self.records -= records
      defer { jobs.removeFirst(count) }
      return Array(jobs[..<count])
    }
  }

  private let state = Condition(State())

  /// Adds a job; its ticket is completed when it is durable or has failed.
  func submit(_ job: WriteJob) throws(KaizenError) -> Ticket {
    let ticket = Ticket()
    let (count, weight) = (job.count, job.weight)
    let isIn = state.wait(timeout: Self.roomWaitMax) { state -> Bool? in
      if state.isClosed { return false }
      // A job larger than the queue goes in alone.
      let fits =
        state.records + count <= Self.recordsMax && state.bytes + weight <= Self.bytesMax
      guard fits || state.jobs.isEmpty else { return nil }
      state.jobs.append((job, ticket))
      state.records += count
      state.bytes += weight
      return true
    }
    guard let isIn else { throw Self.busy }
    guard isIn else {
      throw KaizenError(
        "E_STOPPING", "the daemon is stopping", hint: "send again when it is back")
    }
    state.update { _ in }  // wakes the writer
    return ticket
  }

  /// The jobs of the next commit; nil when the queue is closed and empty.
  func take() -> [Entry]? {
    while true {
      let jobs = state.wait(timeout: .seconds(3600)) { state -> [Entry]? in
        state.jobs.isEmpty && !state.isClosed ? nil : state.takeCommit()
      }
      guard let jobs else { continue }
      state.update { _ in }  // wakes those who wait for room
      return jobs.isEmpty ? nil : jobs
    }
  }

  /// Takes no more jobs; those that wait are still done.
  func close() { state.update { $0.isClosed = true } }

  private static var busy: KaizenError {
    KaizenError(
      "E_BUSY", "\(recordsMax) records wait to be stored, the queue is full",
      hint: "send them again later, and more slowly")
  }
}
