import Control
import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Commands

@Suite("A disk that fills while the daemon runs", .enabled(if: SmallDisk.isPossible))
struct FullDiskTests {
  /// Mounts a small disk as the daemon's home; what lies beside the home stays on the other disk.
  private static func mountHome(_ scene: Scene, kibibytes: Int) throws {
    let home = scene.daemon.home
    guard mount("kaizen-test", home, "tmpfs", 0, "size=\(kibibytes)k,mode=755") == 0 else {
      throw SystemError("mount", home)
    }
  }

  private static func fill(_ folder: String) throws -> String {
    let path = folder + "/filler"
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT)
    let block = [UInt8](repeating: 1, count: 4096)
    let raw = file.raw
    while write(raw, block, block.count) == block.count {}
    return path
  }

  @Test(
    "feedback is refused and none that was acknowledged is lost; a trial leaves the agent alone")
  func fills() throws {
    let scene = try Scene(starts: false)
    try Self.mountHome(scene, kibibytes: 65536)
    defer { umount2(scene.daemon.home, Int32(MNT_DETACH)) }
    for (name, text) in Scene.smelling("echo y = 2 >> agent.py") {
      try scene.daemon.write(name, text)
    }
    try scene.daemon.start()
    try scene.add()
    let before = try scene.files()
    #expect(try scene.daemon.kaizen("record", "a", "success").status == 0)

    let filler = try Self.fill(scene.daemon.home)
    let client = ControlClient(socketPath: scene.daemon.socket)
    var acknowledged = 1
    var refused: KaizenError?
    for index in 0..<200 where refused == nil {
      let details = String(repeating: "d", count: 20_000)
      let record =
        #"{"agent_id":"a","operation_id":"o\#(index)","type":"success","comment":"\#(details)"}"#
      do throws(KaizenError) {
        _ = try client.ask(.recordFeedback, bytes: Array(record.utf8))
        acknowledged += 1
      } catch {
        refused = error
      }
    }
    #expect(refused?.code == "E_DISK_FULL", "\(refused as Any)")
    #expect(refused?.httpStatus == 507)
    #expect(refused?.says(scene.daemon.home + "/state", "free space") == true)

    let run = try scene.daemon.kaizen(
      "optimize", "a", "--strategy", "comprehensive", "--wait", "--json")
    #expect(!run.stdout.contains("\"verdict\":\"kept\""), "\(run)")
    #expect(run.stdout.contains("disk is full") || run.stdout.contains("No space"), "\(run)")
    #expect(try scene.files() == before)
    try scene.expectAlive()

    unlink(filler)
    #expect(try scene.ask("stats", "a")["records"]?.integer == Int64(acknowledged))
    let again = try scene.optimize()
    #expect(again["verdict"]?.string == "kept", "\(again.text())\n\(scene.daemon.log)")
    try scene.daemon.stop()
    try scene.daemon.start()
    #expect(try scene.ask("stats", "a")["records"]?.integer == Int64(acknowledged))
    try scene.daemon.stop()
  }
}
