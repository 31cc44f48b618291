import Control
import Linux
import TestSupport
import Testing

@Suite("The page on the interface") struct APIPageTests {
  @Test("has every route")
  func complete() throws {
    let bytes = try Files.read(Compiler.packageRoot + "/docs/api.md", limit: 1 << 20)
    let page = String(decoding: bytes, as: UTF8.self)
    for route in RouteTable.all {
      let heading = "### `\(route.method.rawValue) \(route.template)`\n"
      #expect(page.contains(heading), "docs/api.md lacks \(heading)")
    }
  }
}
