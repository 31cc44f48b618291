import Glibc
import Hashing
import Linux

/// What of a file's extended attributes belongs to a generation.
enum ExtendedAttributes {
  /// A capability on a file is set-user-id by another name: never cloned, never compared.
  static let capability = Array("security.capability".utf8)

  /// The attributes of an open file by name, without its capabilities.
  static func read(_ file: borrowing FileDescriptor) throws(SystemError) -> [[UInt8]: [UInt8]] {
    var values = try file.extendedAttributes()
    values[capability] = nil
    return values
  }

  /// Gives an open file these attributes.
  ///
  /// Labels of security modules (`security.*`) that this process may not set are left to the kernel.
  static func write(
    _ values: [[UInt8]: [UInt8]], to file: borrowing FileDescriptor
  ) throws(SystemError) {
    for (name, value) in values {
      do {
        try file.setExtendedAttribute(name, to: value)
      } catch {
        let isLabel = name.starts(with: "security.".utf8)
        if !(isLabel && [EPERM, ENOTSUP].contains(error.code)) { throw error }
      }
    }
  }

  /// One digest of all attributes, or nil where there are none.
  static func digest(_ values: [[UInt8]: [UInt8]]) -> String? {
    if values.isEmpty { return nil }
    var hash = SHA256()
    for (name, value) in values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      hash.update(name + [0])
      hash.update("\(value.count):".utf8)
      hash.update(value)
    }
    return hash.finishHex()
  }
}
