import Model
internal import Sandbox

/// One call, whichever kind of component it is for.
struct CallRequest: Sendable {
  /// What the component is to do.
  enum Work: Sendable {
    case analyze(AnalysisInput)
    case apply(ApplyInput)
    case score(ScoreInput)
  }

  let work: Work
  /// What ends the call early; nil where nothing does but its deadline.
  var stop: StopToken?

  /// How long a call that may be ended early waits until it looks whether it is.
  static let stopPollMax: Duration = .milliseconds(50)
  /// What the host answers during the call.
  var host = HostAnswers.fresh()
  /// What it is to answer while the component is loaded for it; nil for whatever is the time then.
  var loading: HostAnswers?
  /// What became known of the call beside its answers.
  let trace = CallTrace()

  init(work: Work, stop: StopToken? = nil) {
    self.work = work
    self.stop = stop
  }

  /// The agent and its numbers.
  var context: CallContext {
    switch work {
    case .analyze(let input): input.context
    case .apply(let input): input.context
    case .score(let input): input.context
    }
  }

  /// The files it may see.
  var files: AgentFiles? {
    switch work {
    case .analyze(let input): input.files
    case .apply(let input): input.clone
    case .score(let input): input.files
    }
  }

  /// The same for a component that is shown no files.
  var withoutFiles: CallRequest {
    guard case .analyze(var input) = work else { return self }
    input.files = nil
    return CallRequest(work: .analyze(input))
  }

  /// The kind of component that does such work.
  var kind: ComponentKind {
    switch work {
    case .analyze: .analyzer
    case .apply: .applier
    case .score: .scorer
    }
  }
}

/// Runs the calls of one component at its place; never two at once.
protocol ComponentRunner: Sendable {
  /// Looks whether the component can be called at all.
  /// - Throws: what disables it until the next reload.
  func probe() throws(KaizenError)

  /// Runs one call and gives each answer to `take` as it comes.
  /// - Throws: what ended the call early, errors of `take` included.
  func run(_ request: CallRequest, _ take: (Answer) throws(KaizenError) -> Void) throws(KaizenError)
}
