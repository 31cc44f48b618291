public import Model

/// A list: at most as many items as were asked for, their count, and whether there are more.
public struct ListAnswer<Item: ControlValue>: ControlValue {
  /// What it is, for messages.
  public static var noun: String { "a list" }
  /// The items.
  public var items: [Item]
  /// Whether the limit cut items off.
  public var hasMore: Bool
  /// Where to go on, for lists read in steps (`after`).
  public var next: Int?

  /// Makes a list of all there is.
  public init(_ items: [Item], hasMore: Bool = false, next: Int? = nil) {
    self.items = items
    self.hasMore = hasMore
    self.next = next
  }

  /// Cuts `items` to `limit`, and says so.
  public init(_ items: [Item], limit: Int) {
    self.init(Array(items.prefix(limit)), hasMore: items.count > limit)
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    _ = reader.count("count")
    items = reader.items("items", Item.self)
    hasMore = reader.optionalFlag("more", default: false)
    next = reader.optionalCount("next")
  }

  /// The value as JSON.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "items": JSONValue(items), "count": JSONValue(items.count), "more": JSONValue(hasMore),
    ]
    if let next { members["next"] = JSONValue(next) }
    return .object(members)
  }
}
