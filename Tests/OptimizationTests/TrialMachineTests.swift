import Model
import Optimization
import Testing

/// What the file system holds of one trial.
private struct World: Hashable {
  var live = TrialEvent.LiveTree.base
  var cloneExists = false
  var generationRecorded = false

  /// The effect as a list of single steps; a crash may fall before, between and after them.
  func steps(of effect: TrialEffect) -> [@Sendable (inout World) -> Void] {
    switch effect {
    case .clone: [{ $0.cloneExists = true }]
    case .exchange: [{ $0.live = .clone }]
    case .exchangeBack: [{ $0.live = .base }]
    case .discardClone: [{ $0.cloneExists = false }]
    case .commitGeneration: [{ $0.generationRecorded = true }, { $0.cloneExists = false }]
    case .proveBase, .apply, .inspect, .test, .score, .place, .checkDrift, .checkHealth: []
    }
  }
}

@Suite("A trial, walked in memory") struct TrialMachineTests {
  private static let ending = TrialEnding(.rolledBack, code: "tests_failed", reason: "2 tests")

  private static let states: [TrialState] = [
    .proposed, .cloning, .provingBase, .applying, .inspecting, .testing, .scoring,
    .awaitingApproval, .placing,
    .checkingDrift, .switching, .onTrial, .switchingBack(ending), .discarding(ending),
    .committing(kept), .finished(ending),
  ]

  private static let kept = TrialEnding(.kept, wasLive: true, code: "kept", reason: "")

  /// Runs from `state` to the end, every effect succeeding unless `verdicts` says otherwise.
  private func finish(_ state: TrialState, _ world: inout World) -> TrialState {
    var state = state
    for _ in 0..<100 {
      guard let effect = TrialMachine.effect(of: state) else { return state }
      for step in world.steps(of: effect) { step(&world) }
      guard let next = TrialMachine.next(state, .done) else { return state }
      state = next
    }
    Issue.record("the trial does not end")
    return state
  }

  private func checkInvariant(_ state: TrialState, _ world: World, _ place: String) {
    switch state {
    case .finished(let ending):
      #expect(!world.cloneExists, "a clone is left over \(place)")
      #expect((world.live == .clone) == (ending.verdict == .kept), "wrong tree live \(place)")
      #expect(world.generationRecorded || ending.verdict != .kept, "no generation \(place)")
      if world.live == .clone { #expect(ending.wasLive) }
    case .proposed, .awaitingApproval: #expect(world.live == .base)
    default: Issue.record("stopped in \(state.name) \(place)")
    }
  }

  @Test("without trouble it is kept")
  func kept() {
    var world = World()
    let end = finish(TrialMachine.start(needsApproval: false), &world)
    #expect(end.ending?.verdict == .kept)
    checkInvariant(end, world, "")
  }

  @Test("a crash before, within or after every effect ends whole", arguments: [false, true])
  func everyCrash(failing: Bool) {
    var pairs = 0
    // Each way a trial can go: straight, or stopped in any one state.
    let stops: [TrialState?] = failing ? Self.states : [nil]
    for stop in stops {
      for crashAt in 0..<40 {
        var world = World()
        var stored = TrialMachine.start(needsApproval: false)
        var countdown = crashAt
        var crashed = false
        walk: while let effect = TrialMachine.effect(of: stored) {
          for step in world.steps(of: effect) + [{ _ in }] {
            if countdown == 0 {
              crashed = true
              break walk
            }
            countdown -= 1
            step(&world)
          }
          let event: TrialEvent = stored == stop ? .stopped(Self.ending) : .done
          guard
            let next = TrialMachine.next(stored, event) ?? TrialMachine.next(stored, .done)
          else { break }
          stored = next
        }
        if !crashed { break }
        pairs += 1
        let place = "after a crash in \(stored.name), step \(crashAt)"
        let resumed = TrialMachine.next(stored, .restarted(live: world.live)) ?? stored
        let end = finish(resumed, &world)
        checkInvariant(end, world, place)
        // Recovery is idempotent: a crash in it converges to the same world.
        var again = world
        let second = TrialMachine.next(end, .restarted(live: again.live)) ?? end
        #expect(finish(second, &again) == end && again == world)
      }
    }
    #expect(pairs > (failing ? 60 : 12))
  }

  @Test("every state has an answer to a restart with either tree live", arguments: states)
  func restarts(state: TrialState) {
    for live in TrialEvent.LiveTree.allCases {
      let next = TrialMachine.next(state, .restarted(live: live))
      if case .finished = state {
        #expect(next == nil)
        continue
      }
      guard let next else {
        Issue.record("\(state.name) with \(live) live has no answer")
        continue
      }
      var world = World(live: live, cloneExists: true)
      let end = finish(next, &world)
      if end != .awaitingApproval && end != .proposed {
        checkInvariant(end, world, "from \(state.name)")
      }
    }
  }

  @Test("whatever recovery finds of a trial ends whole", arguments: states)
  func recoveryFindings(state: TrialState) throws {
    if case .finished = state { return }
    for isCloneLive in [false, true] {
      for wasTakenBack in [false, true] where !(isCloneLive && wasTakenBack) {
        let found = TrialRecovery(isCloneLive: isCloneLive, wasTakenBack: wasTakenBack)
        let next = try #require(TrialMachine.next(state, found.event(in: state)))
        var world = World(live: isCloneLive ? .clone : .base, cloneExists: !wasTakenBack)
        let end = finish(next, &world)
        if end != .awaitingApproval && end != .proposed {
          checkInvariant(end, world, "from \(state.name), \(found)")
        }
        if wasTakenBack, state == .switching {
          #expect(end.ending?.wasLive == true && end.ending?.verdict == .rolledBack)
        }
      }
    }
  }

  @Test("a crash around either question to people ends whole or waits")
  func crashesAroundQuestions() {
    for crashAt in 0..<40 {
      var world = World()
      var stored = TrialMachine.start(needsApproval: true)
      var countdown = crashAt
      var crashed = false
      walk: while true {
        if countdown == 0 {
          crashed = true
          break walk
        }
        countdown -= 1
        let event: TrialEvent
        if let effect = TrialMachine.effect(of: stored) {
          for step in world.steps(of: effect) { step(&world) }
          event = effect == .score ? .needsApproval : .done
        } else if stored == .proposed || stored == .awaitingApproval {
          event = .approved
        } else {
          break walk
        }
        guard let next = TrialMachine.next(stored, event) else { break walk }
        stored = next
      }
      if !crashed { break }
      let resumed = TrialMachine.next(stored, .restarted(live: world.live)) ?? stored
      let end = finish(resumed, &world)
      checkInvariant(end, world, "after a crash at \(crashAt) in \(stored.name)")
    }
  }

  @Test("an applier's failure makes a new clone, and a crash around that ends whole")
  func again() throws {
    #expect(TrialMachine.next(.applying, .again) == .cloning)
    for state in Self.states where state != .applying {
      #expect(TrialMachine.next(state, .again) == nil, "\(state.name)")
    }
    // The clone may be gone already when the crash comes, or be there again before it is proven.
    for (state, cloneExists) in [(TrialState.applying, false), (.cloning, false), (.cloning, true)]
    {
      var world = World(cloneExists: cloneExists)
      let resumed = try #require(TrialMachine.next(state, .restarted(live: .base)))
      checkInvariant(finish(resumed, &world), world, "from \(state.name)")
    }
    var world = World(cloneExists: false)
    let end = finish(try #require(TrialMachine.next(.applying, .again)), &world)
    #expect(end.ending?.verdict == .kept)
    checkInvariant(end, world, "after another clone")
  }

  @Test("what cannot happen has no next state")
  func impossible() {
    #expect(TrialMachine.next(.cloning, .approved) == nil)
    #expect(TrialMachine.next(.testing, .needsApproval) == nil)
    #expect(TrialMachine.next(.finished(Self.ending), .done) == nil)
    #expect(TrialMachine.next(.committing(Self.ending), .stopped(Self.ending)) == nil)
  }

  @Test("a failure on trial is a roll-back that was live")
  func failsOnTrial() {
    let unhealthy = TrialEnding(.failed, code: "health_failed", reason: "exit 1")
    let next = TrialMachine.next(.onTrial, .stopped(unhealthy))
    #expect(
      next?.ending
        == TrialEnding(
          .rolledBack, wasLive: true, code: "health_failed", reason: "exit 1"))
  }
}
