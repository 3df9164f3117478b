//! Paths as the routes know them.
use actix_web::{
    Error as ActixError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Uri, uri::PathAndQuery},
    middleware::Next,
};

/// Takes the slash off the end of a path of the API: Mastodon.py 2 asks for `/api/v2/instance/`,
/// and Mastodon itself never minds. A path with a NUL names nothing: no name here has one, and
/// `PostgreSQL` fails over it.
pub async fn trim<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, ActixError> {
    if request.path().contains("%00") {
        let answer = super::nothing_here(request.request().clone()).await;
        return Ok(request.into_response(answer).map_into_right_body());
    }
    if let Some(uri) = trimmed(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn trimmed(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_suffix('/').map(|path| path.trim_end_matches('/'))?;
    if !path.starts_with("/api/") {
        return None;
    }
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_slash_of_the_api_goes() {
        let trim = |uri: &str| trimmed(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(trim("/api/v2/instance/").as_deref(), Some("/api/v2/instance"));
        assert_eq!(trim("/api/v1/statuses//?id=1/").as_deref(), Some("/api/v1/statuses?id=1/"));
        for path in ["/api/v2/instance", "/api/v1/x?y=/", "/", "/inbox/", "/api/"] {
            assert_eq!(trim(path), None, "{path}");
        }
    }
}
