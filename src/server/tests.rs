use actix_web::{
    http::{StatusCode, header::HeaderMap},
    test::{TestRequest, call_service, init_service, read_body},
};

use super::*;

fn routes(config: &mut ServiceConfig) {
    config
        .route(
            "/page",
            web::get().to(async || HttpResponse::Ok().content_type("text/html").body("<p>")),
        )
        .route("/api/v1/thing", web::get().to(async || HttpResponse::Ok().json("x".repeat(2_000))))
        .route("/api/v1/body", web::post().to(async |body: web::Bytes| body.len().to_string()))
        .route(
            "/api/v1/broken",
            web::get().to(async || Err::<String, _>(Error::internal("secret"))),
        )
        .route(
            "/api/v1/streaming/user",
            web::get().to(async || {
                HttpResponse::Ok().content_type("text/event-stream").body("x".repeat(2_000))
            }),
        )
        .route("/metrics", web::get().to(figures::metrics))
        .route("/auth/sign_in", web::post().to(async || "in"));
}

fn shared(settings: &[(&str, &str)]) -> Shared {
    let env =
        settings.iter().map(|(key, value)| (format!("COMMONHOLD_{key}"), (*value).to_owned()));
    Shared::new(&Config::load(None, env).unwrap())
}

async fn ask(shared: &Shared, request: TestRequest) -> (StatusCode, HeaderMap, String) {
    let service = init_service(assemble(shared, routes)).await;
    let request = request.peer_addr("127.0.0.1:5000".parse().unwrap());
    let response = call_service(&service, request.to_request()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, String::from_utf8_lossy(&read_body(response).await).into_owned())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn every_answer_is_safe_for_a_browser_and_has_an_id() {
    let shared = shared(&[]);
    for (path, policy) in
        [("/page", "style-src 'self'"), ("/api/v1/thing", "sandbox"), ("/x", "sandbox")]
    {
        let (_, headers, _) = ask(&shared, TestRequest::get().uri(path)).await;
        assert_eq!(header(&headers, "x-content-type-options"), "nosniff");
        assert!(header(&headers, "content-security-policy").contains(policy), "{path}");
        assert!(!header(&headers, "content-security-policy").contains("unsafe"));
        assert_eq!(header(&headers, "x-request-id").len(), 32);
    }
}

#[actix_web::test]
async fn api_errors_are_json_whoever_makes_them() {
    let shared = shared(&[]);
    for (request, status, error) in [
        (TestRequest::get().uri("/api/v1/unknown"), 404, "Record not found"),
        (TestRequest::delete().uri("/api/v1/thing"), 404, "Record not found"),
        (TestRequest::get().uri("/api/v1/broken"), 500, "Something went wrong on this server"),
        (
            TestRequest::post().uri("/api/v1/body").set_payload(vec![b'x'; 1_000_001]),
            413,
            "Payload Too Large",
        ),
    ] {
        let (found, headers, body) = ask(&shared, request).await;
        assert!(header(&headers, "content-type").starts_with("application/json"), "{body}");
        assert_eq!((found.as_u16(), body), (status, format!("{{\"error\":\"{error}\"}}")));
    }
    let (status, _, body) = ask(&shared, TestRequest::get().uri("/nowhere")).await;
    assert_eq!((status.as_u16(), body.as_str()), (404, "There is nothing here"));
}

#[actix_web::test]
async fn clients_in_a_browser_may_use_the_api_and_nothing_else() {
    let shared = shared(&[]);
    let preflight = |path: &'static str| {
        TestRequest::with_uri(path)
            .method(actix_web::http::Method::OPTIONS)
            .insert_header(("Origin", "https://elk.example"))
            .insert_header(("Access-Control-Request-Method", "PUT"))
    };
    let (status, headers, _) = ask(&shared, preflight("/api/v1/thing")).await;
    assert!(status.is_success());
    assert_eq!(header(&headers, "access-control-allow-origin"), "*");
    assert!(header(&headers, "access-control-allow-methods").contains("PATCH"));
    assert!(header(&headers, "access-control-allow-headers").contains("Authorization"));
    let (_, headers, _) = ask(&shared, TestRequest::get().uri("/api/v1/thing")).await;
    assert_eq!(headers.get_all("access-control-allow-origin").count(), 1);
    assert!(header(&headers, "access-control-expose-headers").contains("Link"));
    let (status, _, _) = ask(&shared, TestRequest::get().uri("/api/v1/thing/?a=b")).await;
    assert!(status.is_success(), "a slash at the end does no harm");
    let (_, headers, _) = ask(&shared, preflight("/page")).await;
    assert_eq!(header(&headers, "access-control-allow-origin"), "");
}

#[actix_web::test]
async fn answers_are_packed_but_streams_are_not() {
    let shared = shared(&[]);
    let packed = |path| TestRequest::get().uri(path).insert_header(("Accept-Encoding", "gzip"));
    let (_, headers, _) = ask(&shared, packed("/api/v1/thing")).await;
    assert_eq!(header(&headers, "content-encoding"), "gzip");
    let (_, headers, body) = ask(&shared, packed("/api/v1/streaming/user")).await;
    assert_ne!(header(&headers, "content-encoding"), "gzip");
    assert_eq!(body.len(), 2_000);
}

#[actix_web::test]
async fn limits_bind_and_can_be_switched_off() {
    let shared = shared(&[]);
    let service = init_service(assemble(&shared, routes)).await;
    let sign_in = |from: &str| {
        TestRequest::post()
            .uri("/auth/sign_in")
            .peer_addr("127.0.0.1:5000".parse().unwrap())
            .insert_header(("X-Forwarded-For", from.to_owned()))
            .to_request()
    };
    for _ in 0..30 {
        assert!(call_service(&service, sign_in("203.0.113.9")).await.status().is_success());
    }
    let refused = call_service(&service, sign_in("203.0.113.9")).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let mut browser = sign_in("203.0.113.9");
    let accept = "text/html,application/xhtml+xml;q=0.9".parse().unwrap();
    browser.headers_mut().insert(actix_web::http::header::ACCEPT, accept);
    let refused = call_service(&service, browser).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(header(refused.headers(), "content-security-policy").contains("style-src 'self'"));
    let page = String::from_utf8_lossy(&read_body(refused).await).into_owned();
    assert!(page.contains("A little slower, please") && page.contains("style."), "{page}");
    assert!(call_service(&service, sign_in("203.0.113.10")).await.status().is_success());
    let (_, headers, _) = ask(&shared, TestRequest::get().uri("/api/v1/thing")).await;
    assert_eq!(header(&headers, "x-ratelimit-limit"), "3000");
    assert_eq!(header(&headers, "x-ratelimit-reset").len(), "2026-01-01T00:00:00.000Z".len());

    let off = self::shared(&[("RATE_LIMITS", "false")]);
    let service = init_service(assemble(&off, routes)).await;
    for _ in 0..40 {
        assert!(call_service(&service, sign_in("203.0.113.9")).await.status().is_success());
    }
}

#[actix_web::test]
async fn figures_are_for_this_machine_and_for_the_token() {
    figures::record();
    let token = "a-long-enough-token";
    let shared = shared(&[("METRICS_TOKEN", token)]);
    let get = || TestRequest::get().uri("/metrics");
    ask(&shared, TestRequest::get().uri("/page")).await;
    let (status, _, body) = ask(&shared, get()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        body.contains("commonhold_http_requests_total{method=\"GET\",route=\"/page\""),
        "{body}"
    );
    let far = || get().insert_header(("X-Forwarded-For", "203.0.113.9"));
    assert_eq!(ask(&shared, far()).await.0, StatusCode::NOT_FOUND);
    let with = |token: &str| far().insert_header(("Authorization", format!("Bearer {token}")));
    assert_eq!(ask(&shared, with(token)).await.0, StatusCode::OK);
    assert_eq!(ask(&shared, with("another-token-here")).await.0, StatusCode::NOT_FOUND);
}
