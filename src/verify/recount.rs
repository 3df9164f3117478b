use serde_json::Value;

use super::Recount;
use crate::{
    health::Tally,
    ledger::{Entry, Hash},
    types::Time,
};

impl Recount for Tally {
    fn take(&mut self, entry: &Entry) {
        Self::take(self, entry);
    }

    fn report(&mut self, as_of: Time, root: &Hash, said: &Value) -> Value {
        let mut report = Self::report(self, as_of, *root);
        // Entries at the end that were erased are not among those taken.
        report.size = said.get("size").and_then(Value::as_u64).unwrap_or(report.size);
        let resamples = said.get("form").and_then(|form| form.get("resamples"));
        if resamples.is_some_and(|resamples| !resamples.is_null()) {
            report.settle(&self.resampled(as_of, *root));
        }
        report.document()
    }
}
