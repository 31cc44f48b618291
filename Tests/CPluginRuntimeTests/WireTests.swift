import CKaizenPlugin
import CPluginRuntime
import Glibc
import Linux
import Testing

@Suite("Messages between daemon and worker") struct WireTests {
  private func request(_ channel: Channel) throws -> (kzw_request, kzw_message) {
    var message = try #require(try channel.receive())
    var request = kzw_request()
    var error = kzr_error()
    guard kzw_read_request(&message, &request, &error) else { throw Refusal(error) }
    return (request, message)
  }

  @Test("an analysis arrives whole, with its window")
  func analysis() throws {
    let (daemon, worker) = try Channel.pair()
    try Sample.withColumns { columns in
      var error = kzr_error()
      let window = FileDescriptor(
        owning: kzw_window_create(columns.baseAddress, UInt32(columns.count), &error))
      try Sample.withView { view in
        try daemon.send { kzw_send_analyze($0, 9, 42, view, window.raw, $1) }
      }
    }
    var (got, message) = try request(worker)
    #expect(got.call == 9 && got.seed == 42 && got.kind == KZW_ANALYZE && message.window >= 0)
    #expect(text(got.view.agent) == "demo" && text(got.view.root) == "/agents/demo")
    #expect(got.now.operations == 40 && got.before.operations == 30 && got.now.quality.isNaN)
    #expect(got.trend.days == 7 && got.trend.slope_per_day == -0.02 && got.trend.p_value == 0.01)
    #expect(got.view.error_count == 1 && text(got.errors[0].type) == "timeout")
    #expect(got.view.file_count == 2 && text(got.files[1]) == "tools/a.py")
    #expect(got.view.column_count == 2 && got.view.columns[1].length == 3)
    #expect(text(got.view.agent_json) == "{}" && text(got.view.facts_json) == #"{"tools":[]}"#)
    kzw_request_free(&got)
  }

  @Test("a view that was built before the facts is sent without them")
  func olderView() throws {
    let (daemon, worker) = try Channel.pair()
    try Sample.withView { view in
      var older = view.pointee
      older.size = 136
      try daemon.send { kzw_send_analyze($0, 1, 0, &older, -1, $1) }
    }
    var (got, _) = try request(worker)
    #expect(text(got.view.agent_json) == "{}" && got.view.facts_json.length == 0)
    #expect(got.view.size == UInt32(MemoryLayout<kz_agent_view>.size))
    kzw_request_free(&got)
  }

  @Test("a plan item and a tree arrive whole")
  func itemAndTree() throws {
    let (daemon, worker) = try Channel.pair()
    try Sample.withItem(root: "/clone", files: [lasting("a.py")]) { item in
      try daemon.send { kzw_send_apply($0, 1, 2, item, $1) }
    }
    var (got, _) = try request(worker)
    #expect(text(got.item.type) == "code_smell" && text(got.item.history_json) == "[]")
    #expect(text(got.item.root) == "/clone" && got.item.file_count == 1)
    kzw_request_free(&got)
    try Sample.withTree(files: []) { tree in
      try daemon.send { kzw_send_score($0, 2, 2, tree, $1) }
    }
    (got, _) = try request(worker)
    #expect(text(got.tree.root) == "/agents/demo" && got.tree.file_count == 0)
    kzw_request_free(&got)
  }

  @Test("a body over the limit travels in a sealed file", arguments: [12_000, 150_000])
  func bigBody(files: Int) throws {
    let (daemon, worker) = try Channel.pair()
    try Sample.withView(files: files) { view in
      try daemon.send { kzw_send_analyze($0, 1, 0, view, -1, $1) }
    }
    var (got, message) = try request(worker)
    #expect(message.length > UInt64(KZW_MESSAGE_BYTES_MAX))
    #expect(got.view.file_count == UInt32(files))
    #expect(text(got.files[files - 1]) == "tools/a.py")
    kzw_request_free(&got)
  }

  @Test("more files than the limit are refused before anything is sent")
  func tooManyFiles() throws {
    let (daemon, worker) = try Channel.pair()
    let refused = #expect(throws: Refusal.self) {
      try Sample.withView(files: Int(KZW_FILES_MAX) + 1) { view in
        try daemon.send { kzw_send_analyze($0, 1, 0, view, -1, $1) }
      }
    }
    #expect(refused?.code == KZR_LIMIT)
    #expect(throws: Channel.TimedOut.self) { try worker.receive(timeoutMilliseconds: 0) }
  }

  @Test("every request cut short anywhere is refused")
  func cutShort() throws {
    let (daemon, worker) = try Channel.pair()
    try Sample.withView { view in
      try daemon.send { kzw_send_analyze($0, 1, 0, view, -1, $1) }
    }
    let whole = try #require(try worker.receive())
    let bytes = Array(UnsafeBufferPointer(start: whole.body, count: Int(whole.length)))
    for length in 0..<bytes.count {
      bytes.withUnsafeBufferPointer { body in
        var message = whole
        message.body = body.baseAddress
        message.length = UInt64(length)
        var request = kzw_request()
        var error = kzr_error()
        #expect(!kzw_read_request(&message, &request, &error))
        #expect(error.code == KZR_PROTOCOL)
      }
    }
  }

  @Test("an event with any byte changed is refused or harmless")
  func spoiledEvents() throws {
    let (daemon, worker) = try Channel.pair()
    var finding = kz_finding(
      size: size(of: kz_finding.self), level: 2, rule: lasting("rule"),
      file: lasting("a.py"), line: 3, reserved: 0,
      message: lasting("m"))
    try worker.send { kzw_send_finding($0, 1, &finding, $1) }
    let whole = try #require(try daemon.receive())
    let bytes = Array(UnsafeBufferPointer(start: whole.body, count: Int(whole.length)))
    for index in bytes.indices {
      for value: UInt8 in [0, 0x0A, 0x7F, 0xFF] {
        var copy = bytes
        copy[index] = value
        copy.withUnsafeBufferPointer { body in
          var message = whole
          message.body = body.baseAddress
          var event = kzw_event()
          var error = kzr_error()
          let who = lasting("x")
          if kzw_read_event(daemon.raw, &message, who, &event, &error) {
            #expect(kzr_is_utf8(event.finding.rule) && (1...3).contains(event.finding.level))
          }
        }
      }
    }
  }

  @Test("what a worker says is checked as a component's own words are")
  func untrustedWorker() throws {
    let (daemon, worker) = try Channel.pair()
    try worker.send {
      kzw_send_scored($0, 1, lasting("security"), .nan, $1)
    }
    let refused = #expect(throws: Refusal.self) { try daemon.event() }
    #expect(refused?.code == KZR_VALUE)
    #expect(refused?.description.contains("the score of \"security\" is nan") == true)
    try worker.send { kzw_send_quit($0, $1) }
    #expect(try daemon.event() == "quit")
    try worker.send { kzw_send_log($0, 0, 9, lasting("x"), $1) }
    #expect(throws: Refusal.self) { try daemon.event() }
    var load = kzw_load()
    try worker.send { kzw_send_load($0, &load, $1) }
    let misplaced = #expect(throws: Refusal.self) { try daemon.event() }
    #expect(misplaced?.code == KZR_PROTOCOL)
  }

  @Test("the daemon takes no descriptors, and a message without its own is refused")
  func noDescriptors() throws {
    let (daemon, worker) = try Channel.pair()
    let file = Held(try MemoryFile.sealed(name: "x", [1]))
    try Sample.withView { view in
      try worker.send { kzw_send_analyze($0, 1, 0, view, file.raw, $1) }
    }
    let refused = #expect(throws: Refusal.self) { try daemon.receive() }
    #expect(
      refused?.description == "a message with flags 0x2 came with 0 descriptors, expected 1")
  }

  @Test("a message shorter than its header is refused; the other end gone is the end")
  func shortAndEnd() throws {
    let (daemon, workerSocket) = try Channel.sockets()
    let worker = try Channel(workerSocket, takesDescriptors: true)
    #expect(send(daemon.raw, "abc", 3, 0) == 3)
    let refused = #expect(throws: Refusal.self) { try worker.receive() }
    #expect(refused?.code == KZR_PROTOCOL)
    #expect(shutdown(daemon.raw, Int32(SHUT_RDWR)) == 0)
    #expect(try worker.receive() == nil)
    let gone = #expect(throws: Refusal.self) { try worker.send { kzw_send_quit($0, $1) } }
    #expect(gone?.code == KZR_SYSTEM)
  }
}
