internal import Model
internal import PluginHost

/// What each rule of a verification asks for, as far as it is not said where it is looked at.
enum VerificationRules {
  /// The finding of `text` under a rule that a probe named.
  static func finding(_ rule: String, _ text: String) -> PluginFinding {
    let known = probed[rule]
    return PluginFinding(
      known?.severity ?? .error, rule, text, fix: known?.fix ?? "correct it and verify again")
  }

  private static let probed: [String: (severity: PluginFinding.Severity, fix: String)] = [
    "lifecycle.entry": (
      .error, "make descriptors static: the entry gives the same for an index each time, then NULL"
    ),
    "lifecycle.create": (.error, "have create make an instance each time it is asked to"),
    "lifecycle.activate": (.error, "have activate work again after deactivate"),
    "lifecycle.order": (
      .error, "expect destroy without activate, no call at all, and a second life: kaizen_plugin.h"
    ),
    "interface.unknown": (.error, "return NULL from interface for each id you do not know"),
    "interface.changes": (.error, "make the table static, and return the same one each time"),
    "pure.differs": (
      .error,
      "take clock and randomness from the host and keep nothing between calls, or leave out "
        + "\"pure\" and KZ_FLAG_PURE"
    ),
    "host.older": (
      .error,
      "read a field only where KZ_HAS says it is there, and texts and arrays by their length"
    ),
    "host.newer": (
      .error, "expect a size larger than your own sizeof, and find columns by kz_column_named"
    ),
    "cancel.crash": (
      .error, "clean up and return KZ_STOPPED wherever should_stop or a sink says so"
    ),
    "cancel.status": (.warning, "return KZ_STOPPED once should_stop or a sink has said so"),
    "cancel.ignored": (.error, "return KZ_STOPPED at once where should_stop or a sink says so"),
    "cancel.after": (.error, "leave nothing half-done behind when a call is stopped"),
    "refusal.crash": (.error, "return what a sink returned as soon as it is not KZ_OK"),
    "refusal.status": (.error, "return KZ_OK, KZ_FAILED or KZ_STOPPED"),
    "refusal.after": (.error, "leave nothing half-done behind when a value was refused"),
    "leak.instance": (.error, "free in destroy, or in deactivate, what create and activate made"),
    "leak.memory": (
      .error, "free in each call what it allocates; kaizen_plugin.h says who owns what"
    ),
    "leak.descriptors": (.error, "close in each call what it opens"),
    "leak.threads": (.error, "join each thread before the call that started it returns"),
    "calls.crash": (.error, "a call must leave nothing behind that the next stumbles over"),
    "calls.differ": (.error, "a call must leave nothing behind that the next stumbles over"),
  ]

  /// The rule under which a component's end within `scenario` falls.
  static func rule(ofEndIn scenario: ProbeScenario) -> String {
    switch scenario {
    case .life: "lifecycle.order"
    case .older: "host.older"
    case .newer: "host.newer"
    case .cancel: "cancel.crash"
    case .refusal: "refusal.crash"
    case .repeat: "calls.crash"
    }
  }

  /// The finding that a call ended with `error`, made on `input`.
  static func finding(_ error: KaizenError, _ input: String) -> PluginFinding {
    let (severity, rule, fix): (PluginFinding.Severity, String, String) =
      switch error.code {
      case "E_PLUGIN_VALUE", "E_LIMIT":
        (.error, "call.value", "emit only what kaizen_plugin.h allows")
      case "E_PLUGIN_DEADLINE":
        (.error, "call.deadline", "end each call within deadline_ms, or raise it")
      case "E_PLUGIN_FAILED", "E_PLUGIN_STOPPED":
        (
          .warning, "call.failed",
          "find nothing where there is nothing to find, rather than fail"
        )
      case "E_PLUGIN_PROTOCOL":
        (.error, "call.protocol", "answer as docs/plugins.md says, and touch no foreign descriptor")
      case "E_PLUGIN_EXITED", "E_PLUGIN_CLOSED":
        (.error, "call.process", "return from each function, and leave the process as it is")
      default: (.error, "call.crash", "check lengths, NaN, and what may be missing")
      }
    return PluginFinding(
      severity, rule, "\(error.message) (input: \(input))",
      fix: fix + (error.hint.map { "; \($0)" } ?? ""))
  }

  /// The rule of what kept a component from being loaded, by the code that its reason begins with.
  static func rule(ofRefusal reason: String) -> String {
    let code = reason.prefix { $0 != ":" }
    return switch code {
    case "E_PLUGIN_MISMATCH": "manifest.agreement"
    case "E_PLUGIN_MISSING": "manifest.file"
    case "E_PLUGIN_PIN": "manifest.pin"
    case "E_PLUGIN_UNSAFE", "E_PLUGIN_BUNDLE": "bundle"
    case "E_PLUGIN_ENTRY": "library.entry"
    case "E_PLUGIN_FILE", "E_PLUGIN_NOT_A_LIBRARY": "library.file"
    case "E_PLUGIN_LOAD": "library.load"
    case "E_PLUGIN_EMPTY", "E_PLUGIN_DESCRIPTOR", "E_PLUGIN_COMPONENT", "E_PLUGIN_KIND":
      "descriptor"
    case "E_PLUGIN_INTERFACE": "interface"
    case "E_PLUGIN_CREATE": "lifecycle.create"
    case "E_PLUGIN_SIGNATURE", "E_PLUGIN_SYMBOL": "function"
    case "E_PLUGIN_CRASHED", "E_PLUGIN_EXITED", "E_PLUGIN_CLOSED", "E_PLUGIN_DEADLINE": "load"
    default: "manifest"
    }
  }
}
