//! From listening to an orderly end.
use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    HttpResponse, HttpServer,
    dev::ServerHandle,
    web::{self, Data, ServiceConfig},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use super::{Shared, assemble, figures, nothing_here};
use crate::{
    app::{App, Ctx},
    error::Result,
    worker,
};

/// How long requests under way may take to end, seconds.
const PATIENCE_SECS: u64 = 8;

/// Waits for SIGTERM or SIGINT.
///
/// # Errors
/// `Internal` when the system does not let us hear of signals.
pub fn asked_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Serves `app` on `listener` until `stop`: then no new requests, those under way end, the workers
/// end, and the database is closed.
///
/// # Errors
/// `Internal` when the server cannot start, or the process lost its share of ids.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
    figures::record();
    crate::federation::restore::at_start(&app).await;
    let shared = Shared::new(app.config());
    let data: Ctx = Data::new(app.clone());
    let (made, workers) = (shared.clone(), app.config().http_workers);
    let mut server = HttpServer::new(move || assemble(&made, routes).app_data(data.clone()))
        .disable_signals()
        .shutdown_timeout(PATIENCE_SECS);
    if let Some(count) = workers {
        server = server.workers(count);
    }
    let server = server.listen(listener)?.run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let tidying = tokio::spawn(tidy(shared));
    let deaf = Arc::new(AtomicBool::new(false));
    let listening = tokio::task::spawn_blocking({
        let (node, deaf) = (app.clone(), Arc::clone(&deaf));
        move || node.hear_others(&deaf)
    });
    let (stop_work, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(app.clone(), stopped));
    let node = app.clone();
    tokio::spawn(async move {
        if let Err(error) = node.node_actor().await {
            tracing::error!(cause = %error.cause(), "the node has no actor of its own yet");
        }
    });

    stop.await;
    tracing::info!("stopping");
    // An error means that the workers have ended already.
    let _ = stop_work.send(true);
    app.hang_up();
    deaf.store(true, Ordering::Relaxed);
    end(&handle).await;
    tidying.abort();
    // Server and workers have been told to end; what there is to say they have logged.
    let _ = tokio::join!(serving, working, listening);
    tokio::task::spawn_blocking(move || app.close()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Streams have no end of their own; after a while they are cut.
async fn end(handle: &ServerHandle) {
    let patience = Duration::from_secs(PATIENCE_SECS + 1);
    if tokio::time::timeout(patience, handle.stop(true)).await.is_err() {
        handle.stop(false).await;
    }
}

/// Every route of the node. The pages come last: they answer for whatever nobody knows.
fn routes(config: &mut ServiceConfig) {
    config
        .route("/health", web::get().to(health))
        .route("/metrics", web::get().to(figures::metrics))
        .configure(crate::api::routes)
        .configure(crate::federation::routes)
        .configure(nothing_for_clients)
        .configure(crate::web::routes);
}

/// Paths where clients, not people, find nothing: as JSON.
fn nothing_for_clients(config: &mut ServiceConfig) {
    for path in ["/api", "/nodeinfo", "/.well-known"] {
        config.service(web::scope(path).default_service(web::to(nothing_here)));
    }
}

async fn health(app: Ctx) -> HttpResponse {
    figures::health(app.read(|conn| Ok(crate::db::members::has_operator(conn)?)).await.map(drop))
}

/// Forgets what counters no longer need.
async fn tidy(shared: Shared) {
    let mut minute = tokio::time::interval(Duration::from_secs(30));
    loop {
        minute.tick().await;
        figures::tidy();
        if let Some(limits) = &shared.limits {
            limits.tidy();
        }
    }
}
