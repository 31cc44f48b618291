internal import JSONStream
internal import Linux
import Model

/// What a manifest and its files lack that the rest of a copy under way would bring.
///
/// What more files cannot mend, such as a value that is not allowed, is no lack: people are told of
/// it at once.
enum BundleLack {
  /// The lack of the unit `file` in one line, or nil where it is whole.
  static func find(_ file: String, in sources: ComponentSources) -> String? {
    let isHome = file == sources.homeManifest
    if file == sources.bundleDirectory { return nil }
    let folder = Files.parent(of: file)
    do {
      _ = try JSONDocument.parse(try Files.read(file, limit: ComponentManifest.Limit.manifestBytes))
    } catch {
      return "\(file) is no whole manifest: \((error as? KaizenError)?.message ?? "\(error)")"
    }
    let origin = ComponentOrigin(source: isHome ? .home : .bundle, file: file, folder: folder)
    for manifest in ManifestFile(origin, name: folder).registrations.compactMap(\.manifest) {
      for name in manifest.entryFiles where !Files.exists("\(folder)/\(name)") {
        return "\(file) names the file \"\(name)\", which is not there"
      }
      if let lack = pinLack(manifest.pins, folder) { return lack }
    }
    return nil
  }

  private static func pinLack(_ pins: [String: Digest], _ folder: String) -> String? {
    if pins.isEmpty { return nil }
    do {
      let tree = try FileTree.digest(of: pins.keys.sorted(), in: folder, trust: nil)
      return pins.keys.sorted().first { tree.files[$0] != pins[$0] }.map {
        "\(folder)/\($0) does not have the digest that the manifest pins"
      }
    } catch {
      return "\((error as? KaizenError)?.message ?? "\(error)")"
    }
  }
}
