/// DESIGN's house as a table: which room may import which others.
///
/// A new room gets a row here, above everything it imports.
enum House {
  static let wrappers: Set = [
    "HTTP", "Hashing", "JSONStream", "Linux", "PluginKit", "SQLite", "SimdJSON",
  ]
  static let values: Set = ["Model", "Statistics", "TemplateMining"]
  /// What every domain room may stand on.
  static let ground = wrappers.union(values).union(["Sandbox", "Telemetry"])
  static let domain: Set = ["Approval", "Feedback", "PluginHost", "Quality", "Workspace"]

  /// What a room may import of this package; C modules are listed apart.
  static let allowed: [String: Set<String>] = [
    "Approval": ground,
    // Only what is fit to stand in a program that starts before every operation.
    "Commands": wrappers.subtracting(["HTTP", "SimdJSON"]).union([
      "Approval", "Control", "Model", "PluginHost", "Quality", "Sandbox", "TemplateMining",
      "Workspace",
    ]),
    "Control": ["Model"],
    "Daemon": ground.union(domain).union(["Control", "Optimization"]),
    "Feedback": ground,
    "HTTP": ["Linux", "Model"],
    "Hashing": ["Linux"],
    "JSONStream": ["Model"],
    "KaizenPluginSDK": [],
    "Linux": [],
    "Model": [],
    "Optimization": ground.union(domain),
    "PluginHost": ground,
    "PluginKit": ["Model"],
    "Quality": ["Model"],
    "SQLite": ["Linux", "Model"],
    "Sandbox": ["Linux", "Model"],
    "SimdJSON": ["JSONStream", "Model"],
    "SourceCode": ["KaizenPluginSDK"],
    "Statistics": [],
    "Telemetry": ["Linux", "Model"],
    "TemplateMining": [],
    "Workspace": ground,
    "kaizen": ["Commands"],
    "kaizend": ["Daemon"],
  ]

  /// Who may import a C module: one wrapper each.
  static let importers: [String: Set<String>] = [
    "CKaizenPlugin": ["KaizenPluginSDK", "PluginHost"],
    "CLinux": ["Linux"],
    "CMicroHTTPD": ["HTTP"],
    "CNettle": ["Hashing"],
    "CPluginKit": ["PluginKit"],
    "CPluginRuntime": ["PluginHost"],
    "CSQLite": ["SQLite"],
    "CSimdJSON": ["SimdJSON"],
  ]

  /// What plugins may import of this package: never a room of the host.
  static let pluginImports: Set = ["CKaizenPlugin", "KaizenPluginSDK", "SourceCode"]

  /// What everybody may import of the toolchain.
  static let toolchain: Set = [
    "FoundationEssentials", "Glibc", "Swift", "Synchronization",
  ]
}
