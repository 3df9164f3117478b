//! The rules of the community: plain functions on a transaction.
