internal import Linux
import Model

/// Every component that the sources register, by id.
struct Catalogue {
  /// Bundles read; more are left out and said so.
  static let bundleCountMax = 512

  /// By name; of one id the manifest read last.
  private(set) var registrations: [String: Registration] = [:]
  /// Everything found in any manifest, warnings included.
  private(set) var problems: [Problem] = []

  /// Reads all sources; whatever is wrong with one never hides another.
  init(_ sources: ComponentSources) {
    if let file = sources.rootManifest { addFile(file, .root) }
    if let file = sources.homeManifest { addFile(file, .home) }
    if let folder = sources.bundleDirectory { addBundles(of: folder) }
    if let folder = sources.bundle { addBundle(folder, name: Files.name(of: folder)) }
  }

  private mutating func addFile(_ file: String, _ source: ComponentOrigin.Source) {
    if !Files.exists(file) {
      guard source == .root else { return }  // people need not write a manifest of their own
      problems.append(
        Problem(
          file: file, key: "", expected: "the manifest of the daemon's own components",
          found: "no file", fix: "build anew: it belongs beside the daemon", isWarning: true))
      return
    }
    let origin = ComponentOrigin(source: source, file: file, folder: Files.parent(of: file))
    if let problem = origin.trust.problem(file, followingLinks: true) {
      refuse(problem, origin, name: file)
    } else {
      add(ManifestFile(origin, name: file))
    }
  }

  private mutating func addBundles(of folder: String) {
    guard Files.isDirectory(folder) else { return }
    let names: [String]
    do {
      if let problem = FileTrust.dropped.problem(folder, followingLinks: true) {
        let origin = ComponentOrigin(source: .bundle, file: folder, folder: folder)
        refuse(problem, origin, name: folder)
        return
      }
      names = try Files.names(in: folder).filter { !$0.hasPrefix(".") }
    } catch {
      problems.append(
        Problem(
          file: folder, key: "", expected: "a readable folder of bundles",
          found: SystemError.text(error.code), fix: "correct its permissions"))
      return
    }
    if names.count > Self.bundleCountMax {
      problems.append(
        Problem(
          file: folder, key: "", expected: "at most \(Self.bundleCountMax) bundles",
          found: "\(names.count)", fix: "remove those not needed"))
    }
    for name in names.prefix(Self.bundleCountMax) where Files.isDirectory("\(folder)/\(name)") {
      addBundle("\(folder)/\(name)", name: name)
    }
  }

  private mutating func addBundle(_ folder: String, name: String) {
    let file = folder + "/manifest.json"
    let origin = ComponentOrigin(source: .bundle, file: file, folder: folder)
    if let problem = origin.trust.problem(folder) ?? origin.trust.problem(file) {
      refuse(problem, origin, name: name)
    } else {
      add(ManifestFile(origin, name: name))
    }
  }

  private mutating func add(_ file: ManifestFile) {
    problems += file.problems
    for var registration in file.registrations {
      if let earlier = registrations[registration.name] {
        registration.note = "replaces \(registration.name) of \(earlier.origin.file)"
      }
      registrations[registration.name] = registration
    }
  }

  private mutating func refuse(_ problem: Problem, _ origin: ComponentOrigin, name: String) {
    problems.append(problem)
    let note = registrations[name].map { "replaces \(name) of \($0.origin.file)" }
    registrations[name] = Registration(
      name: name, manifest: nil, origin: origin, problem: problem.description, note: note)
  }
}
