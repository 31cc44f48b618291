internal import Linux
internal import Model
internal import PluginHost

/// One plugin's folder, hosted where it lies.
struct LocalBundle: Sendable {
  /// The folder, absolute and without links.
  let path: String
  let host: ComponentHost

  /// Hosts the bundle at `path`, its copies in `folder`.
  init(
    _ path: String, loadsAtOnce: Bool = true, in folder: borrowing ScratchFolder
  ) throws(KaizenError) {
    self.path = try Self.folder(path)
    host = try LocalHost.host(
      ComponentSources(bundle: self.path), loadsAtOnce: loadsAtOnce, in: folder)
  }

  /// The folder that `path` names, which has to hold a manifest.
  static func folder(_ path: String) throws(KaizenError) -> String {
    let folder = try resolved(path, "a plugin's folder")
    if !Files.exists(folder + "/manifest.json") {
      throw KaizenError(
        "E_PATH", "\(path) has no manifest.json, expected a plugin's folder",
        hint: "name the folder that `kaizen plugins new` made")
    }
    return folder
  }

  /// The folder at `path`, absolute and without links.
  static func resolved(_ path: String, _ what: String) throws(KaizenError) -> String {
    do throws(SystemError) {
      let folder = try Files.resolve(path)
      if Files.isDirectory(folder) { return folder }
    } catch {
      throw KaizenError(
        "E_PATH", "\(path): expected \(what), found: \(SystemError.text(error.code).lowercased())",
        hint: "name a folder that can be read")
    }
    throw KaizenError(
      "E_PATH", "\(path): expected \(what), found a file", hint: "name the folder it is in")
  }
}

extension ComponentStatus {
  /// Why it cannot be called; nil where it can.
  var refusal: String? {
    switch state {
    case .ready: nil
    case .disabled(let reason), .broken(let reason), .unavailable(let reason): reason
    }
  }
}
