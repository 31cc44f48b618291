// swift-tools-version: 6.3
import PackageDescription

func room(_ name: String, _ dependencies: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies.map { .byName(name: $0) }, path: "Sources/\(name)")
}

func program(_ name: String, _ dependencies: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies.map { .byName(name: $0) }, path: "Sources/\(name)")
}

/// Where libraries of C++ are looked for first, and found to be nothing.
let withoutCXX = "-L\(Context.packageDirectory)/Sources/kaizen-worker/link"

/// A Swift program that is one static file: it starts in a third of the time.
///
/// It loads no library, plugins least of all, and none of its rooms needs a shared one.
func staticProgram(_ name: String, _ dependencies: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: (dependencies + ["CStaticProgram"]).map { .byName(name: $0) },
    path: "Sources/\(name)", linkerSettings: [.unsafeFlags(["-static-executable"])])
}

/// A program without Swift in it: it starts faster, stays smaller and runs where no Swift is.
///
/// SwiftPM links every executable with libswiftCore, whose start-up object refers to it. Without
/// that object nothing does, so of the static library nothing is taken; nor is anything exported,
/// lest a plugin's symbols be bound to ours.
/// `static` leaves out the dynamic linker too, for what loads nothing and starts often.
func programInC(
  _ name: String, _ dependencies: [String], libraries: [String] = [], static: Bool = false,
  exclude: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies.map { .byName(name: $0) }, path: "Sources/\(name)",
    exclude: exclude,
    linkerSettings: libraries.map { .linkedLibrary($0) } + [
      .unsafeFlags(
        ["-nostartfiles", `static` ? "-static-executable" : "-static-stdlib"]
          + ["-Xlinker", "--no-export-dynamic"] + (`static` ? [] : [withoutCXX]))
    ])
}

func plugin(_ name: String) -> Target {
  // Scorers share what tells code from comments.
  let shared = name.hasSuffix("Scorer") ? ["KaizenPluginSDK", "SourceCode"] : ["KaizenPluginSDK"]
  return .target(
    name: name, dependencies: shared.map { .byName(name: $0) }, path: "Plugins/\(name)",
    exclude: ["README.md"], publicHeadersPath: ".")
}

/// A component without Swift in it: a worker that loads it loads no Swift runtime either.
func pluginInC(_ name: String, path: String, exclude: [String] = []) -> Target {
  .target(
    name: name, dependencies: [.byName(name: "CKaizenPlugin")], path: path, exclude: exclude,
    publicHeadersPath: ".",
    linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-stdlib", withoutCXX])])
}

/// A program that measures; it only counts in a release build.
func benchmark(_ name: String, _ dependencies: [String]) -> Target {
  .executableTarget(
    name: "bench-\(name)", dependencies: dependencies.map { .byName(name: $0) },
    path: "Benchmarks/\(name)")
}

func tests(_ name: String, _ dependencies: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: ([name, "TestSupport"] + dependencies).map { .byName(name: $0) },
    path: "Tests/\(name)Tests")
}

let plugins = [
  "CapabilityGapAnalyzer", "DocumentationScorer", "ErrorPatternsAnalyzer", "HardenerApplier",
  "MaintainabilityScorer", "PlaybookApplier", "QualityAnalyzer", "ResourcesAnalyzer",
  "ResponseTimeAnalyzer", "SecurityAnalyzer", "SecurityScorer", "SuccessRateAnalyzer",
  "ToolUpgradeApplier", "ToolVersionsAnalyzer", "TrainingNeedsAnalyzer", "TunerApplier",
]

var targets: [Target] = [
  // Foreign headers: a system library or a shim.
  room("CKaizenPlugin"),
  room("CLinux"),
  room("CMicroHTTPD"),
  .systemLibrary(name: "CNettle", path: "Sources/CNettle"),
  .target(name: "CPluginKit", path: "Sources/CPluginKit", exclude: ["templates"]),
  // libffi by its archive: a worker needs no more libraries than its component.
  .target(
    name: "CPluginRuntime", dependencies: ["CKaizenPlugin"], path: "Sources/CPluginRuntime",
    linkerSettings: [.linkedLibrary(":libffi.a")]),
  tests("CPluginRuntime", ["CKaizenPlugin", "Linux"]),
  .systemLibrary(name: "CSQLite", path: "Sources/CSQLite"),
  room("CSimdJSON"),
  room("CStaticProgram"),

  // One wrapper for each of them.
  room("HTTP", ["CMicroHTTPD", "Linux", "Model"]),
  tests("HTTP", ["Linux", "Model"]),
  room("Hashing", ["CNettle"]),
  tests("Hashing"),
  room("JSONStream", ["Model"]),
  tests("JSONStream", ["Model"]),
  room("Linux", ["CLinux"]),
  tests("Linux"),
  room("PluginKit", ["CPluginKit", "Model"]),
  tests("PluginKit", ["Linux", "Model"]),
  room("SQLite", ["CSQLite", "Linux", "Model"]),
  tests("SQLite", ["Linux", "Model"]),
  room("SimdJSON", ["CSimdJSON", "JSONStream", "Model"]),
  tests("SimdJSON", ["JSONStream", "Model"]),

  // Values and mathematics: no I/O.
  room("Model"),
  tests("Model"),
  room("Statistics"),
  tests("Statistics"),

  // Domain rooms. They do not import each other; Optimization composes them.
  room("Approval", ["Hashing", "JSONStream", "Model", "SQLite"]),
  tests("Approval", ["Hashing", "JSONStream", "Linux", "Model", "SQLite"]),
  room(
    "Feedback",
    [
      "Hashing", "JSONStream", "Linux", "Model", "SQLite", "SimdJSON", "Statistics", "Telemetry",
    ]),
  tests("Feedback", ["JSONStream", "Linux", "Model", "SQLite"]),
  room(
    "Optimization",
    [
      "Approval", "Feedback", "Hashing", "JSONStream", "Linux", "Model", "PluginHost", "Quality",
      "SQLite", "Sandbox", "Statistics", "Telemetry", "Workspace",
    ]),
  tests(
    "Optimization",
    [
      "Approval", "Feedback", "Hashing", "JSONStream", "Linux", "Model", "PluginHost", "Quality",
      "SQLite", "Sandbox", "Telemetry", "Workspace",
    ]),
  room(
    "PluginHost",
    [
      "CPluginRuntime", "Hashing", "JSONStream", "Linux", "Model", "Sandbox", "Telemetry",
    ]),
  tests(
    "PluginHost",
    ["CPluginRuntime", "Hashing", "JSONStream", "Linux", "Model", "Sandbox", "Telemetry"]),
  room("Quality", ["Model"]),
  tests("Quality", ["Model"]),
  room("Sandbox", ["Linux", "Model"]),
  tests("Sandbox", ["Linux", "Model"]),
  room("Telemetry", ["Linux", "Model"]),
  tests("Telemetry", ["Linux", "Model"]),
  room("Workspace", ["Hashing", "JSONStream", "Linux", "Model"]),
  tests("Workspace", ["Hashing", "JSONStream", "Linux", "Model"]),

  // Both ends of the control socket, and what composes it all.
  // `kaizen exec` stands before every operation: each library here costs it start-up time.
  room(
    "Commands",
    [
      "Approval", "Control", "JSONStream", "Linux", "Model", "PluginHost", "PluginKit", "Quality",
      "Sandbox", "Workspace",
    ]),
  tests("Commands", ["Control", "HTTP", "JSONStream", "Linux", "Model"]),
  room("Control", ["Model"]),
  tests("Control", ["JSONStream", "Model"]),
  room(
    "Daemon",
    [
      "Approval", "Control", "Feedback", "HTTP", "Hashing", "JSONStream", "Linux", "Model",
      "Optimization", "PluginHost", "Quality", "SQLite", "Sandbox", "SimdJSON", "Telemetry",
      "Workspace",
    ]),
  tests("Daemon", ["Commands", "Control", "JSONStream", "Linux", "Model", "SQLite"]),
  staticProgram("kaizen", ["Commands"]),
  programInC("kaizen-confine", [], libraries: ["seccomp"], static: true),
  programInC("kaizen-worker", ["CKaizenPlugin", "CPluginRuntime"], exclude: ["link"]),
  program("kaizend", ["Daemon"]),

  // Programs that measure.
  .target(
    name: "BenchmarkHarness",
    dependencies: ["Linux", "Model", "Statistics"].map { .byName(name: $0) },
    path: "Benchmarks/Harness"),
  .target(
    name: "CallFloor", dependencies: ["CPluginRuntime"], path: "Benchmarks/CallFloor",
    publicHeadersPath: "."),
  pluginInC("NoopAnalyzer", path: "Benchmarks/NoopAnalyzer"),
  .target(
    name: "NoopRig",
    dependencies: ["Linux", "Model", "PluginHost", "Sandbox", "TestSupport"]
      .map { .byName(name: $0) },
    path: "Benchmarks/NoopRig"),
  benchmark(
    "call",
    [
      "BenchmarkHarness", "CPluginRuntime", "CallFloor", "Linux", "Model", "NoopRig", "PluginHost",
      "Sandbox", "TestSupport",
    ]),
  benchmark("exec", ["BenchmarkHarness", "Linux", "TestSupport"]),
  benchmark("idle", ["BenchmarkHarness", "Linux", "Model", "TestSupport"]),
  benchmark("reload", ["BenchmarkHarness", "Linux", "Model", "NoopRig", "PluginHost"]),
  benchmark(
    "respawn", ["BenchmarkHarness", "Linux", "Model", "NoopRig", "PluginHost", "TestSupport"]),
  benchmark(
    "start", ["BenchmarkHarness", "Feedback", "Linux", "Model", "SQLite", "TestSupport"]),
  benchmark("switch", ["BenchmarkHarness", "Linux", "Model", "TestSupport", "Workspace"]),

  // What plugin authors build on, and what the scorers share.
  room("KaizenPluginSDK", ["CKaizenPlugin"]),
  tests("KaizenPluginSDK", ["CKaizenPlugin", "Linux"]),
  room("SourceCode", ["KaizenPluginSDK"]),
  tests("SourceCode"),
  .target(
    name: "TestSupport", dependencies: ["Linux"].map { .byName(name: $0) },
    path: "Tests/TestSupport"),
  .testTarget(
    name: "PluginsTests",
    dependencies: [
      "CKaizenPlugin", "CPluginRuntime", "JSONStream", "Linux", "Model", "TestSupport",
    ].map { .byName(name: $0) },
    path: "Tests/PluginsTests"),
  .testTarget(
    name: "RepositoryTests", dependencies: ["TestSupport", "Linux"].map { .byName(name: $0) },
    path: "Tests/RepositoryTests"),
]
targets += plugins.map {
  $0 == "SecurityAnalyzer"
    ? pluginInC($0, path: "Plugins/\($0)", exclude: ["README.md"]) : plugin($0)
}

for target in targets where target.type != .system {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
  ]
  target.cSettings = [
    .define("_GNU_SOURCE"),
    .unsafeFlags(["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"]),
  ]
}

let package = Package(
  name: "kaizen",
  products: [.library(name: "KaizenPluginSDK", targets: ["KaizenPluginSDK"])]
    + (plugins + ["NoopAnalyzer"]).map {
      .library(name: $0, type: .dynamic, targets: [$0])
    },
  targets: targets,
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .cxx17
)
