internal import CPluginKit

/// One file of the kit, by the name it has there.
enum KitFile {
  /// The text of the file `name`; the kit is compiled in, so that a name it lacks is our own bug.
  static func text(_ name: String) -> String {
    guard let text = all[name] else { fatalError("the kit has no file \(name)") }
    return text
  }

  /// The names that begin with `prefix`, sorted.
  static func names(in prefix: String) -> [String] {
    all.keys.filter { $0.hasPrefix(prefix) }.sorted()
  }

  private static let all: [String: String] = {
    var files: [String: String] = [:]
    var index: UInt32 = 0
    while let file = kpk_file_at(index) {
      let bytes = UnsafeRawBufferPointer(
        start: file.pointee.bytes, count: Int(file.pointee.length))
      files[String(cString: file.pointee.name)] = String(decoding: bytes, as: UTF8.self)
      index += 1
    }
    return files
  }()
}
