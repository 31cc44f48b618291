extension String {
  /// The bytes that C lends; broken UTF-8, which the host never sends, is repaired.
  init(_ text: kz_text) {
    let bytes = UnsafeRawBufferPointer(start: text.data, count: Int(text.length))
    self.init(decoding: bytes, as: UTF8.self)
  }

  /// Lends the bytes to C while `body` runs.
  func withText<R>(_ body: (kz_text) -> R) -> R {
    var copy = self
    return copy.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        body(kz_text(data: $0.baseAddress, length: UInt64($0.count)))
      }
    }
  }

  /// The same as one line for people: with a blank for each control character.
  ///
  /// The host refuses those, and with them the whole call: an error's text or a file's name would
  /// else keep a plugin from saying anything of an agent.
  func withLine<R>(_ body: (kz_text) -> R) -> R {
    let isControl: (UInt8) -> Bool = { $0 < 0x20 || $0 == 0x7F }
    guard utf8.contains(where: isControl) else { return withText(body) }
    let line = String(decoding: utf8.map { isControl($0) ? 0x20 : $0 }, as: UTF8.self)
    return line.withText(body)
  }
}

/// A copy of `string` that is never freed, for descriptors.
func immortalText(_ string: String) -> kz_text {
  string.withText { lent in
    let count = Int(lent.length)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: max(count, 1))
    if let data = lent.data { copy.initialize(from: data, count: count) }
    return kz_text(data: copy, length: lent.length)
  }
}

/// `value` in memory that is never freed, for function tables.
func immortal<T>(_ value: T) -> UnsafeRawPointer {
  let pointer = UnsafeMutablePointer<T>.allocate(capacity: 1)
  pointer.initialize(to: value)
  return UnsafeRawPointer(pointer)
}

/// C's sizeof: Swift's `size` leaves the padding at the end out.
func structSize<T>(_ type: T.Type) -> UInt32 { UInt32(MemoryLayout<T>.stride) }
