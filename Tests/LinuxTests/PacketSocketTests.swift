import Glibc
import Linux
import TestSupport
import Testing

@Suite("Datagrams with descriptors") struct PacketSocketTests {
  @Test("bytes and descriptors arrive together")
  func roundTrip() throws {
    let pair = try DescriptorPair.packetSockets()
    let file = try MemoryFile.sealed(name: "payload", "payload".utf8)
    try PacketSocket.send(pair.first, Array("hello".utf8), descriptors: [file.raw])
    var message = try PacketSocket.receive(pair.second, limit: 64)
    let (bytes, count) = (message.bytes, message.descriptorCount)
    #expect(bytes == Array("hello".utf8))
    #expect(count == 1)
    let taken = message.takeDescriptor()?.release()
    let received = try #require(taken)
    defer { close(received) }
    var content = [UInt8](repeating: 0, count: 16)
    #expect(pread(received, &content, 16, 0) == 7)
    #expect(fcntl(received, F_GETFD) & FD_CLOEXEC != 0)
    let second = message.takeDescriptor()?.release()
    #expect(second == nil)
  }

  @Test("each datagram stays whole")
  func boundaries() throws {
    let pair = try DescriptorPair.packetSockets()
    try PacketSocket.send(pair.first, [1])
    try PacketSocket.send(pair.first, [2, 3])
    let first = try PacketSocket.receive(pair.second, limit: 8).bytes
    let second = try PacketSocket.receive(pair.second, limit: 8).bytes
    #expect(first == [1])
    #expect(second == [2, 3])
  }

  @Test("a datagram over the limit is an error, and its descriptors are closed")
  func tooLarge() throws {
    let pair = try DescriptorPair.packetSockets()
    let pipe = try DescriptorPair.pipe()
    let reading = pipe.first
    try PacketSocket.send(pair.first, [1, 2, 3], descriptors: [pipe.second.raw])
    _ = consume pipe.second
    let error = #expect(throws: SystemError.self) {
      _ = try PacketSocket.receive(pair.second, limit: 2)
    }
    #expect(error?.code == EMSGSIZE)
    let rest = try reading.readAll(limit: 1)
    #expect(rest.isEmpty)  // end of file: no writer is left
  }

  @Test("a closed other end reads as nothing and cannot be sent to")
  func closed() throws {
    let pair = try DescriptorPair.packetSockets()
    let socket = pair.first
    _ = consume pair.second
    let message = try PacketSocket.receive(socket, limit: 8).bytes
    #expect(message.isEmpty)
    let error = #expect(throws: SystemError.self) { try PacketSocket.send(socket, [1]) }
    #expect(error?.code == EPIPE)
  }

  @Test("without waiting, nothing there is EAGAIN")
  func noWait() throws {
    let pair = try DescriptorPair.packetSockets()
    let error = #expect(throws: SystemError.self) {
      _ = try PacketSocket.receive(pair.first, limit: 8, wait: false)
    }
    #expect(error?.code == EAGAIN)
  }

  @Test("a sealed memory file cannot be written, one of sealed size keeps its size")
  func seals() throws {
    let sealed = try MemoryFile.sealed(name: "sealed", [1, 2])
    #expect(throws: SystemError.self) { try sealed.writeAll([3]) }
    let shared = try MemoryFile.create(name: "shared", size: 4096)
    try MemoryFile.sealSize(shared)
    #expect(ftruncate(shared.raw, 0) == -1)
    let one = try MemoryMapping(shared, size: 4096)
    let two = try MemoryMapping(shared, size: 4096, writable: false)
    one.bytes[7] = 42
    #expect(two.bytes[7] == 42)
  }
}
