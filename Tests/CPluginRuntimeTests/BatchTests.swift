import CPluginRuntime
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Messages that travel together") struct BatchTests {
  @Test("arrive one by one, in order, and say that others follow")
  func order() throws {
    let (daemon, worker) = try Channel.pair()
    kzw_hold(worker.raw)
    for call in 1...5 {
      try worker.send { kzw_send_done($0, UInt64(call), 0, lasting("good"), $1) }
    }
    #expect(throws: Channel.TimedOut.self) { try daemon.receive(timeoutMilliseconds: 0) }
    try worker.send { kzw_flush($0, $1) }
    var more: [Bool] = []
    for call in 1...5 {
      let message = try #require(try daemon.receive(timeoutMilliseconds: 0))
      #expect(message.call == UInt64(call) && message.length == 28)
      more.append(message.more)
    }
    #expect(more == [true, true, true, true, false])
    try worker.send { kzw_send_done($0, 6, 0, lasting(""), $1) }
    #expect(try daemon.event() == "6 done 0 ")
  }

  @Test("go when a packet is full, and before one that has to go alone")
  func full() throws {
    let (daemon, worker) = try Channel.pair()
    kzw_hold(worker.raw)
    let large = String(repeating: "x", count: 50_000)
    for call in 1...2 { try done(worker, call, large) }
    #expect(!kzw_has_room(worker.raw, 50_000))
    try done(worker, 3, large)
    for call in 1...2 { #expect(try daemon.receive()?.call == UInt64(call)) }
    let huge = String(repeating: "y", count: 200_000)  // a sealed memfd, which the daemon refuses
    #expect(kzw_has_room(worker.raw, 10))
    try done(worker, 4, large)
    try worker.send { kzw_flush($0, $1) }
    #expect(try daemon.receive()?.call == 3)
    #expect(try daemon.receive()?.call == 4)
    kzw_hold(daemon.raw)
    try done(daemon, 5, "small")
    try done(daemon, 6, huge)
    #expect(try worker.receive()?.call == 5)
    #expect(try worker.receive()?.length == 200_024)
  }

  private func done(_ channel: Channel, _ call: Int, _ text: String) throws {
    try text.withText { text in
      try channel.send { kzw_send_done($0, UInt64(call), 0, text, $1) }
    }
  }

  /// A batch with `body` as its bytes, as somebody could write who has the worker's socket.
  private func sent(_ body: [UInt8]) throws -> Channel {
    let (daemon, worker) = try Channel.sockets()
    let header = bytes(UInt32(KZW_BATCH)) + bytes(UInt32(0)) + bytes(UInt64(0))
    let packet = header + body
    #expect(send(worker.raw, packet, packet.count, 0) == packet.count)
    return try Channel(daemon)
  }

  private func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private func member(kind: Int, flags: UInt32 = 0, length: UInt32, body: Int) -> [UInt8] {
    bytes(length) + bytes(UInt32(kind)) + bytes(flags) + bytes(UInt64(1))
      + [UInt8](repeating: 0, count: body)
  }

  @Test(
    "that are malformed are refused at their byte, and what follows is dropped", arguments: 0..<8)
  func malformed(which: Int) throws {
    let good = member(kind: KZW_QUIT, length: 0, body: 0)
    let body: [UInt8] =
      switch which {
      case 0: []
      case 1: [1, 2, 3]
      case 2: member(kind: KZW_DONE, length: 9, body: 8)
      case 3: member(kind: KZW_DONE, length: .max, body: 8)
      case 4: member(kind: KZW_BATCH, length: 0, body: 0)
      case 5: member(kind: KZW_DONE, flags: UInt32(KZW_FLAG_BODY), length: 8, body: 8)
      case 6: member(kind: KZW_DONE, flags: UInt32(KZW_FLAG_WINDOW), length: 8, body: 8)
      default: Array(member(kind: KZW_DONE, length: 8, body: 8).dropLast(9))
      }
    let channel = try sent(body + (which == 7 || which == 2 || which < 2 ? [] : good))
    let refusal = #expect(throws: Refusal.self) { try channel.receive() }
    #expect(refusal?.code == KZR_PROTOCOL)
    #expect(refusal?.description.contains("batch is malformed at byte") == true)
    #expect(try channel.receive() == nil)
  }

  @Test("of random bytes end in messages or a refusal, never beyond what came")
  func random() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let count = Int.random(in: 0...200, using: &generator)
      // Small numbers mostly: lengths that fit now and then.
      let body = (0..<count).map { _ in UInt8.random(in: 0...255) & UInt8.random(in: 0...255) & 31 }
      let channel = try sent(body)
      do {
        while let message = try channel.receive(timeoutMilliseconds: 0) {
          #expect(message.length <= UInt64(count))
        }
      } catch is Refusal {
      } catch is Channel.TimedOut {
      }
    }
  }
}

@Suite("A function in a worker") struct FunctionWorkerTests {
  private func load(_ worker: Worker, _ library: String, _ symbol: String, _ signature: String)
    throws -> String?
  {
    try library.withText { library in
      try symbol.withText { symbol in
        try signature.withText { signature in
          var function = kzw_function(library: library, symbol: symbol, signature: signature)
          try worker.channel.send { kzw_send_function($0, &function, $1) }
        }
      }
    }
    return try worker.channel.event()
  }

  private func invoke(_ worker: Worker, _ call: UInt64, _ numbers: [Double], path: String = "")
    throws
  {
    try path.withText { path in
      try numbers.withUnsafeBufferPointer { numbers in
        var invocation = kzw_invocation(
          path: path, numbers: numbers.baseAddress, number_count: UInt32(numbers.count))
        try worker.channel.send { kzw_send_invoke($0, call, &invocation, $1) }
      }
    }
  }

  private func returned(_ worker: Worker) throws -> kzr_returned {
    var message = try #require(try worker.channel.receive())
    var event = kzw_event()
    var error = kzr_error()
    if !kzw_read_event(worker.channel.raw, &message, lasting("f"), &event, &error) {
      throw Refusal(error)
    }
    #expect(Int(event.kind) == KZW_RETURNED)
    return event.returned
  }

  @Test("answers a thousand calls of one packet with their values, in order")
  func batch() throws {
    let worker = try Worker()
    #expect(try load(worker, "libm.so.6", "tanh", "f64(f64)") == "0 done 0 ")
    kzw_hold(worker.channel.raw)
    for call in 1...1000 { try invoke(worker, UInt64(call), [Double(call) / 1000]) }
    try worker.channel.send { kzw_flush($0, $1) }
    for call in 1...1000 { #expect(try returned(worker).value == tanh(Double(call) / 1000)) }
  }

  @Test("reads the file it is given; a link, a folder and nothing are no input")
  func files() throws {
    let worker = try Worker()
    _ = try load(worker, "libc.so.6", "strlen", "u64(utf8)")
    let file = try worker.directory.write("a.txt", "twelve bytes")
    try invoke(worker, 1, [], path: file)
    let result = try returned(worker)
    #expect(result.value == 12 && result.input_bytes == 12)
    let link = worker.directory.path + "/link"
    #expect(symlink(file, link) == 0)
    for (call, path) in [link, worker.directory.path, "/nowhere", "/dev/zero"].enumerated() {
      try invoke(worker, UInt64(call + 2), [], path: path)
      #expect(try worker.channel.event()?.contains("done \(KZR_INPUT) ") == true)
    }
  }

  @Test("that was cancelled leaves out the calls that still wait")
  func cancelled() throws {
    let worker = try Worker()
    _ = try load(worker, "libm.so.6", "tanh", "f64(f64)")
    kzr_control_cancel(worker.control, 2)
    kzw_hold(worker.channel.raw)
    for call in 1...3 { try invoke(worker, UInt64(call), [1]) }
    try worker.channel.send { kzw_flush($0, $1) }
    #expect(try worker.channel.event() == "1 done \(KZR_STOPPED) stopped when asked to")
    #expect(try worker.channel.event() == "2 done \(KZR_STOPPED) stopped when asked to")
    #expect(try returned(worker).value == tanh(1))
  }

  @Test("that is not there ends the worker with the reason")
  func missing() throws {
    let worker = try Worker()
    let answer = try load(worker, "libm.so.6", "no_such", "f64(f64)")
    #expect(answer?.hasPrefix("0 done \(KZR_SYMBOL) libm.so.6 has no symbol") == true)
    #expect(try worker.end() == .exited(1))
  }

  @Test("is not called by what is no INVOKE")
  func otherMessage() throws {
    let worker = try Worker()
    _ = try load(worker, "libm.so.6", "tanh", "f64(f64)")
    try worker.analyze(1)
    #expect(try worker.channel.event()?.contains("done \(KZR_PROTOCOL)") == true)
    #expect(try worker.end() == .exited(2))
  }
}
