public import Model

/// The body of every refusal: `{"error":{"code","message","hint"}}`.
public struct ErrorAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "an error"
  /// What went wrong.
  public var error: KaizenError

  /// Wraps an error.
  public init(_ error: KaizenError) { self.error = error }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    error =
      reader.nested("error", required: true) { inner in
        KaizenError(
          KaizenError.Code(rawValue: inner.text("code")), inner.text("message"),
          hint: inner.string("hint"))
      } ?? KaizenError("E_BAD_ANSWER", "")
  }

  /// The value as JSON.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "code": .string(error.code.rawValue), "message": .string(error.message),
    ]
    if let hint = error.hint { members["hint"] = .string(hint) }
    return .object(["error": .object(members)])
  }
}

extension KaizenError {
  /// The HTTP status that goes with the code (RFC 9110, section 15).
  ///
  /// A code without a status of its own is a refusal of what was asked: 422.
  public var httpStatus: Int {
    let code = code.rawValue
    if let status = Self.statuses[code] { return status }
    return code.hasPrefix("E_UNKNOWN_") ? 404 : 422
  }

  private static let statuses: [String: Int] = [
    "E_BAD_REQUEST": 400, "E_JSON": 400, "E_PARAMETER": 400, "E_STRATEGY": 400,
    "E_UNKNOWN_TYPE": 400, "E_UNKNOWN_SOURCE": 400, "E_FORBIDDEN": 403, "E_FOUR_EYES": 403,
    "E_METHOD": 405,
    "E_AGENT_EXISTS": 409, "E_AGENT_BUSY": 409, "E_BASE_MOVED": 409, "E_BUSY": 409,
    "E_OBSERVED": 409, "E_DECIDED": 409, "E_EXPIRED": 409, "E_DIGEST": 409,
    "E_CALL_RUNNING": 409, "E_FROZEN": 409, "E_NOT_FROZEN": 409, "E_OVER": 409,
    "E_TOO_LARGE": 413, "E_HEADER_TOO_LARGE": 431, "E_FULL": 429, "E_TOO_MANY_AGENTS": 429,
    "E_INTERNAL": 500, "E_IO": 500, "E_SQLITE": 500,
    "E_CANNOT_OPEN": 503, "E_CORRUPT": 503, "E_DEGRADED": 503, "E_READ_ONLY": 503,
    "E_NOT_READY": 503, "E_STOPPING": 503, "E_DISK_FULL": 507, "E_NO_SPACE": 507,
  ]
}
