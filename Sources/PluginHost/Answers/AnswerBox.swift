internal import CPluginRuntime
import Model
import Synchronization

/// What a component in process emits during one call; its counts are bounded by the loader.
///
/// C holds a pointer to it, unretained: it lives until the call has returned.
final class AnswerBox: Sendable {
  private let component: ComponentID
  private let collected = Mutex<Result<[Answer], KaizenError>>(.success([]))

  init(_ component: ComponentID) { self.component = component }

  /// All that was emitted.
  /// - Throws: what the first answer that cannot be read was refused for.
  func answers() throws(KaizenError) -> [Answer] { try collected.withLock { $0 }.get() }

  /// The callbacks that fill this box.
  var events: kzr_events {
    var events = kzr_events()
    events.context = Unmanaged.passUnretained(self).toOpaque()
    events.opportunity = { context, found in
      guard let context, let found else { return }
      let box = Unmanaged<AnswerBox>.fromOpaque(context).takeUnretainedValue()
      box.add { () throws(KaizenError) in try Answer(found.pointee, of: box.component) }
    }
    return events
  }

  private func add(_ answer: () throws(KaizenError) -> Answer) {
    collected.withLock { collected in
      guard case .success(var answers) = collected else { return }
      collected = .success([])  // so that the array is not shared, and grows in place
      do throws(KaizenError) {
        answers.append(try answer())
        collected = .success(answers)
      } catch {
        collected = .failure(error)
      }
    }
  }
}

/// What a component in process logs, from any thread, until the next call takes it.
///
/// C holds a pointer to it, unretained: its runner keeps it until the instance is destroyed.
final class LogBox: Sendable {
  private let lines = Mutex<[Answer]>([])

  /// The lines so far, which are then gone.
  func take() -> [Answer] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }

  /// The callback that fills this box.
  var log: kzr_log {
    kzr_log(
      context: Unmanaged.passUnretained(self).toOpaque(),
      log: { context, level, message in
        guard let context else { return }
        let line = Answer(level: level, message: message)
        let box = Unmanaged<LogBox>.fromOpaque(context).takeUnretainedValue()
        box.lines.withLock { lines in
          // The oldest stay: the first word of a flood says more than its last.
          if lines.count < AnswerCollector.Limit.logCount { lines.append(line) }
        }
      })
  }
}
