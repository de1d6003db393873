// Whoever declares keys also names notations (`.integer(1...65535)`) and the types they yield, so one
// `import Configuration` brings both.

@_exported public import Notation
