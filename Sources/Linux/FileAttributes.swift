internal import CLinux
import Glibc

// Extended attributes of open files, access control lists among them: xattr(7).

extension FileDescriptor {
  /// The kernel's own limits on all names of a file and on one value, in bytes: xattr(7).
  static let attributeNamesByteCountMax = 65_536
  static let attributeValueByteCountMax = 65_536

  /// The attributes by name; empty where the file system has none.
  ///
  /// Leaves out what this process may not read (`trusted.*`).
  public borrowing func extendedAttributes() throws(SystemError) -> [[UInt8]: [UInt8]] {
    if flistxattr(raw, nil, 0) <= 0 { return [:] }
    var buffer = [CChar](repeating: 0, count: Self.attributeNamesByteCountMax)
    let length = flistxattr(raw, &buffer, buffer.count)
    if length < 0 {
      let error = SystemError("flistxattr")
      if error.code == ENOTSUP { return [:] }
      throw error
    }
    var values: [[UInt8]: [UInt8]] = [:]
    for name in buffer[..<length].split(separator: 0) {
      if let value = try attribute(Array(name) + [0]) {
        values[name.map(UInt8.init(bitPattern:))] = value
      }
    }
    return values
  }

  /// Gives the file one attribute.
  public borrowing func setExtendedAttribute(
    _ name: [UInt8], to value: [UInt8]
  ) throws(SystemError) {
    let characters = name.map(CChar.init(bitPattern:)) + [0]
    if fsetxattr(raw, characters, value, value.count, 0) != 0 {
      throw SystemError("fsetxattr", String(decoding: name, as: UTF8.self))
    }
  }

  /// Nil where the attribute went away meanwhile, or is not for us to read.
  private borrowing func attribute(_ name: [CChar]) throws(SystemError) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: Self.attributeValueByteCountMax)
    let count = fgetxattr(raw, name, &value, value.count)
    if count >= 0 { return Array(value[..<count]) }
    let code = errno
    let text = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let error = SystemError("fgetxattr", text, code: code)
    if [ENODATA, ENOTSUP, EPERM, EACCES].contains(error.code) { return nil }
    throw error
  }
}
