//! What we send: the plain form of every shape.
