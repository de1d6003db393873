// What an exchange reads from and writes to.

public import Runtime

/// A connection as the server sees it.
public typealias Transport = Connection

extension Connection {
  /// How many bytes wait to be sent.
  var outputCount: Int { writer.outputCount }
}
