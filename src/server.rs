//! Routes, middleware, limits.
