// How a declaration names the field it is about, both for configuration keys and for command arguments.

/// A writable field of `Root`; a literal such as `\.port` is one.
public typealias FieldPath<Root, Value> = any WritableKeyPath<Root, Value> & Sendable
