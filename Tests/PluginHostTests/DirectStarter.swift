import Glibc
import Linux
import Model

@testable import PluginHost

/// Starts programs without any sandbox.
struct DirectStarter: ProgramStarter {
  func start(_ plan: ProgramPlan) throws(KaizenError) -> any RunningProgram {
    do {
      let null = try FileDescriptor.open("/dev/null", O_RDWR)
      var descriptors = plan.descriptors
      for number: Int32 in 0...2 where descriptors[number] == nil { descriptors[number] = null.raw }
      let place = plan.places.first { $0.at == plan.directory }
      return DirectProgram(
        child: try ChildProcess(
          ChildCommand(
            words: plan.words,
            environment: plan.environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own },
            descriptors: descriptors,
            workingDirectory: place?.source ?? plan.directory)))
    } catch {
      throw KaizenError("E_SANDBOX", "\(error)")
    }
  }
}

struct DirectProgram: RunningProgram {
  let child: ChildProcess
  func kill() { try? child.signal(SIGKILL) }  // nothing to tell where it is gone
  func end(within timeout: Duration) -> ProgramEnd? {
    switch (try? child.wait(timeout: timeout))??.status {
    case .exited(let status): .exited(status)
    case .signaled(let signal): .signaled(signal)
    case nil: nil
    }
  }
}
