//! Who may say what: signatures of requests, proofs inside of documents, and what is believed of
//! whom.
mod forms;
mod keyring;
mod origins;
mod proofs;
mod rotation;
mod secure;
