//! Who asks: a browser, or a program that reads `ActivityPub`.
use actix_web::{HttpRequest, HttpResponse, http::header};

/// Whether an answer in `ActivityPub` is asked for and no page is; `*/*` gets the page.
pub fn wants_activity(req: &HttpRequest) -> bool {
    let accept = req.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let accept = accept.collect::<Vec<_>>().join(",").to_ascii_lowercase();
    prefers_activity(&accept)
}

/// The better of the two by its weight; the one named first where they weigh the same.
fn prefers_activity(accept: &str) -> bool {
    let (mut activity, mut page) = (0.0_f32, 0.0_f32);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let weight =
            parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0_f32);
        match kind {
            "application/activity+json" | "application/ld+json" if weight > page => {
                activity = activity.max(weight);
            }
            "text/html" | "application/xhtml+xml" if weight > activity => page = page.max(weight),
            _ => {}
        }
    }
    activity > page
}

/// On to the thing itself, where it speaks `ActivityPub`.
pub fn to_activity(uri: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, uri))
        .insert_header((header::VARY, "Accept"))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::prefers_activity;

    #[test]
    fn browsers_get_pages_and_servers_get_activities() {
        assert!(prefers_activity("application/activity+json"));
        assert!(prefers_activity(
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\", text/html;q=0.1"
        ));
        assert!(prefers_activity("application/activity+json, application/ld+json, text/html"));
        assert!(!prefers_activity("*/*"));
        assert!(!prefers_activity(""));
        assert!(!prefers_activity(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(!prefers_activity("text/html, application/activity+json;q=0.5"));
    }
}
