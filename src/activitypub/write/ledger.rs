//! The ledger of a group: where it is, and its entries in pages (`docs/ledger.md`).
use serde_json::{Value, json};

use super::{Vocabulary, body, context, document};

/// A ledger: how many entries it has, where they begin, and its newest signed head.
pub fn ledger(id: &str, group: &str, total: i64) -> Value {
    let fields = json!({
        "id": id,
        "type": "OrderedCollection",
        "attributedTo": group,
        "totalItems": total,
        "first": format!("{id}?from=0"),
        "head": format!("{id}/head"),
    });
    document(fields, Vocabulary::Ledger)
}

/// A page of entries, which are lines as [`crate::ledger::line::Line`] writes them. Written out, not built: a page
/// holds hundreds. A witness adds the head that it signed.
pub fn ledger_page(
    id: &str,
    ledger: &str,
    lines: &[String],
    next: Option<&str>,
    witness: Option<&Value>,
) -> String {
    let fields = json!({
        "@context": context(Vocabulary::Ledger),
        "id": id,
        "type": "OrderedCollectionPage",
        "partOf": ledger,
        "next": next,
        "witness": witness,
    });
    let head = body(fields).to_string();
    let head = head.strip_suffix('}').unwrap_or_default();
    format!(r#"{head},"orderedItems":[{}]}}"#, lines.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_json() {
        let lines = ["ab", "cd"].map(|hash| format!(r#"{{"commitment":"{hash}"}}"#));
        let page = ledger_page("https://h/l?from=0", "https://h/l", &lines, None, None);
        let page: Value = serde_json::from_str(&page).unwrap();
        assert_eq!(page["orderedItems"][1]["commitment"], "cd");
        assert!(page.get("next").is_none());
    }
}
