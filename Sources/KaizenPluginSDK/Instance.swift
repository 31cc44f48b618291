/// A component behind its interface.
enum Work {
  case analyzer(any Analyzer)
  case applier(any Applier)
  case scorer(any Scorer)

  var component: any Component {
    switch self {
    case .analyzer(let analyzer): analyzer
    case .applier(let applier): applier
    case .scorer(let scorer): scorer
    }
  }
}

/// How to make an instance; a descriptor's `data` holds it for ever.
final class Maker: Sendable {
  let make: @Sendable (String, Host) throws -> Work
  init(_ make: @escaping @Sendable (String, Host) throws -> Work) { self.make = make }
}

/// An instance as it crosses to C: retained by create, lent to each call, released by destroy.
final class Instance {
  let work: Work
  let host: Host

  init(_ work: Work, host: Host) {
    self.work = work
    self.host = host
  }

  /// The instance behind a pointer that `createInstance` gave.
  static func at(_ pointer: UnsafeMutableRawPointer?) -> Instance? {
    pointer.map { Unmanaged<Instance>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs `body` and turns what it throws into a status and a message: nothing unwinds across.
  func status(_ body: (Work) throws -> Void) -> kz_status {
    do {
      try body(work)
      return kz_status(KZ_OK)
    } catch let failure as PluginFailure where failure.isStop {
      return kz_status(KZ_STOPPED)
    } catch {
      host.fail("\(error)")
      return kz_status(KZ_FAILED)
    }
  }
}

// The functions that descriptors point to; the same for all components.

typealias InstancePointer = UnsafeMutableRawPointer

let createInstance:
  @convention(c) (UnsafePointer<kz_descriptor>?, UnsafePointer<kz_host>?, kz_text) ->
    InstancePointer? = { descriptor, host, config in
      guard let host, let data = descriptor?.pointee.data else { return nil }
      let lent = Host(host)
      let maker = Unmanaged<Maker>.fromOpaque(data).takeUnretainedValue()
      do {
        let work = try maker.make(String(config), lent)
        return Unmanaged.passRetained(Instance(work, host: lent)).toOpaque()
      } catch {
        lent.fail("\(error)")
        return nil
      }
    }

let activateInstance: @convention(c) (InstancePointer?) -> kz_status = { pointer in
  Instance.at(pointer)?.status { try $0.component.activate() } ?? kz_status(KZ_FAILED)
}

let deactivateInstance: @convention(c) (InstancePointer?) -> Void = { pointer in
  Instance.at(pointer)?.work.component.deactivate()
}

let destroyInstance: @convention(c) (InstancePointer?) -> Void = { pointer in
  if let pointer { Unmanaged<Instance>.fromOpaque(pointer).release() }
}

let interfaceTable: @convention(c) (UnsafePointer<kz_descriptor>?, kz_text) -> UnsafeRawPointer? = {
  descriptor, id in
  switch (Int(descriptor?.pointee.kind ?? 0), String(id)) {
  case (KZ_KIND_ANALYZER, KZ_ANALYZER_1): Tables.shared.analyzer
  case (KZ_KIND_APPLIER, KZ_APPLIER_1): Tables.shared.applier
  case (KZ_KIND_SCORER, KZ_SCORER_1): Tables.shared.scorer
  default: nil
  }
}

/// The three function tables, made once and never freed.
private final class Tables: @unchecked Sendable {
  // Unchecked: written once, in init, and only read after that.
  static let shared = Tables()

  let analyzer: UnsafeRawPointer
  let applier: UnsafeRawPointer
  let scorer: UnsafeRawPointer

  private init() {
    analyzer = immortal(
      kz_analyzer(
        size: structSize(kz_analyzer.self), reserved: 0,
        analyze: { instance, view, sink in
          guard let instance = Instance.at(instance), case .analyzer(let analyzer) = instance.work,
            let view, let sink
          else { return kz_status(KZ_FAILED) }
          return instance.status { _ in try analyzer.analyze(AgentView(view), AnalyzerSink(sink)) }
        }))
    applier = immortal(
      kz_applier(
        size: structSize(kz_applier.self), reserved: 0,
        apply: { instance, item, sink in
          guard let instance = Instance.at(instance), case .applier(let applier) = instance.work,
            let item, let sink
          else { return kz_status(KZ_FAILED) }
          return instance.status { _ in try applier.apply(PlanItem(item), ApplierSink(sink)) }
        }))
    scorer = immortal(
      kz_scorer(
        size: structSize(kz_scorer.self), reserved: 0,
        score: { instance, tree, sink in
          guard let instance = Instance.at(instance), case .scorer(let scorer) = instance.work,
            let tree, let sink
          else { return kz_status(KZ_FAILED) }
          return instance.status { _ in try scorer.score(Tree(tree), ScorerSink(sink)) }
        }))
  }
}
