import CPluginRuntime
import Linux
import Model
import Testing

@testable import PluginHost

@Suite("A worker that says what no worker would") struct HostileWorkerTests {
  /// Calls a worker that does `script`, without files, and returns what was answered.
  private func call(
    _ worker: FakeWorker, deadline: Duration = .seconds(20), grace: Duration = .milliseconds(50),
    times: Int = 1
  ) throws -> [Answer] {
    var manifest = try component(.analyzer)
    manifest.deadline = deadline
    let runner = WorkerRunner(
      manifest, library: "lib.so", bundle: "/bundle", words: ["worker"], grace: grace,
      starter: worker)
    let context = CallContext(agent: try #require(AgentID("a")))
    let request = CallRequest(work: .analyze(AnalysisInput(context: context)))
    var answers: [Answer] = []
    for _ in 0..<times {
      try runner.run(request) { (answer) throws(KaizenError) in answers.append(answer) }
    }
    return answers
  }

  private func failure(
    _ worker: FakeWorker, deadline: Duration = .seconds(20)
  ) -> KaizenError? {
    #expect(throws: KaizenError.self) { try call(worker, deadline: deadline) }
  }

  @Test("is one that behaves, for comparison, and is kept")
  func sound() throws {
    let worker = FakeWorker { end in
      end.load()
      while true {
        let (kind, call) = end.receive()
        if Int(kind) != Int(KZW_ANALYZE) { return }
        end.opportunity(call)
        end.done(call)
      }
    }
    #expect(try call(worker, times: 3).count == 3)
    #expect(worker.programs.all.count == 1)
  }

  @Test("is ended by the host where it does not leave by itself when nobody calls it")
  func idle() throws {
    let asked = Condition(false)
    let worker = FakeWorker { end in
      end.load()
      while true {
        let (kind, call) = end.receive()
        if Int(kind) != Int(KZW_ANALYZE) {
          asked.update { $0 = Int(kind) == Int(KZW_QUIT) }
          return
        }
        end.done(call)
      }
    }
    let runner = WorkerRunner(
      try component(.analyzer), library: "lib.so", bundle: "/bundle", words: ["worker"],
      grace: .milliseconds(50), starter: worker, watch: try DeadlineWatch(),
      idleMax: .milliseconds(20))
    try runner.probe()
    let context = CallContext(agent: try #require(AgentID("a")))
    let request = CallRequest(work: .analyze(AnalysisInput(context: context)))
    // Before its end or after it: a call finds a worker, this one or the next.
    for _ in 0..<3 { try runner.run(request) { _ in } }
    #expect(asked.wait(timeout: .seconds(20)) { $0 ? true : nil } == true)
    #expect(throws: Never.self) { try runner.run(request) { _ in } }
  }

  @Test("of another call, or out of its turn, is garbage", arguments: 0..<3)
  func unexpected(which: Int) {
    let worker = FakeWorker { end in
      end.load()
      let (_, call) = end.receive()
      switch which {
      case 0: end.opportunity(call + 1)
      case 1: end.done(0)
      default:
        _ = end.log("still here")
        end.quit()
      }
      _ = end.receive()
    }
    #expect(failure(worker)?.code == "E_PLUGIN_PROTOCOL")
    #expect(worker.programs.all.first?.isKilled == true)
  }

  @Test("without end is cut off at deadline and grace")
  func flood() {
    let worker = FakeWorker { end in
      end.load()
      _ = end.receive()
      while end.log("x") {}
    }
    let start = Clock.monotonic()
    let error = failure(worker, deadline: .milliseconds(100))
    #expect(error?.code == "E_PLUGIN_DEADLINE")
    #expect(Clock.monotonic() - start < .seconds(10))
    #expect(worker.programs.all.first?.isKilled == true)
  }

  @Test("and is no JSON ends the call and the worker")
  func evidence() {
    let worker = FakeWorker { end in
      end.load()
      let (_, call) = end.receive()
      end.opportunity(call, evidence: "{")
      _ = end.receive()
    }
    let error = failure(worker)
    #expect(error?.code == "E_PLUGIN_VALUE")
    #expect(worker.programs.all.first?.isKilled == true)
  }

  @Test("by hanging up and going on running has an error of its own")
  func closed() {
    let worker = FakeWorker(ending: nil) { end in
      end.load()
      _ = end.receive()
    }
    let error = failure(worker)
    #expect(error?.code == "E_PLUGIN_CLOSED")
    #expect(error?.message.contains("\"probe\"") == true)
    #expect(worker.programs.all.first?.isKilled == true)
  }

  @Test(
    "by ending says how it ended",
    arguments: [
      (ProgramEnd.signaled(11), "E_PLUGIN_CRASHED"), (.exited(3), "E_PLUGIN_EXITED"),
      (.outOfMemory, "E_PLUGIN_CRASHED"), (.stopped, "E_PLUGIN_CRASHED"),
    ])
  func ended(ending: ProgramEnd, code: String) {
    let loading = failure(FakeWorker(ending: ending) { _ in })
    #expect(loading?.code.rawValue == code)
    #expect(loading?.message.contains("while it was loaded") == true)
    let calling = failure(
      FakeWorker(ending: ending) { end in
        end.load()
        _ = end.receive()
      })
    #expect(calling?.code.rawValue == code)
    #expect(calling?.message.contains("during a call") == true)
  }

  @Test("its own failure is passed on with code and message")
  func done() {
    let worker = FakeWorker { end in
      end.load()
      end.done(end.receive().call, KZR_FAILED, "no luck")
      _ = end.receive()
    }
    let error = failure(worker)
    #expect(error?.code == "E_PLUGIN_FAILED")
    #expect(error?.message == "no luck")
  }

  @Test("that it cannot load is passed on")
  func notLoaded() {
    let worker = FakeWorker { end in
      _ = end.receive()
      end.done(0, KZR_ENTRY, "no entry")
    }
    #expect(failure(worker)?.code == "E_PLUGIN_ENTRY")
  }

  @Test("by leaving, idle, just as its call comes is replaced, but not for ever")
  func left() {
    let worker = FakeWorker { end in
      end.load()
      end.quit()
    }
    let error = failure(worker)
    #expect(error?.code == "E_PLUGIN_CLOSED")
    #expect(error?.message.contains("4 workers") == true)
    #expect(worker.programs.all.count == 4)
  }

  @Test("what it said before it left is heard, even when a call of ours was never read")
  func saidBefore() throws {
    let starts = SharedList<Int>()
    let worker = FakeWorker { end in
      end.load()
      starts.append(1)
      if starts.all.count == 1 {
        end.quit()
        return
      }
      let (_, call) = end.receive()
      end.done(call)
      _ = end.receive()
    }
    #expect(try call(worker).isEmpty)
    #expect(worker.programs.all.count == 2)
  }
}
