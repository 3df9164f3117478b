//! How long a request's body may take to come. Who sends one byte a minute holds nothing here.
use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    Error as ActixError, HttpMessage as _, HttpResponse,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    middleware::Next,
    web::Bytes,
};
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::speaks_json;

/// How long a body may take besides what its length needs.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many bytes a second are slow enough for anybody.
const SLOWEST: u32 = 16_384;

/// Bounds the time a body takes, whoever reads it, and answers 408 where that is over. Where nobody
/// reads it the connection ends with the answer.
pub async fn bound<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, ActixError> {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let body = Rc::new(RefCell::new(Coming::new(payload)));
    let reader = Reader(Rc::clone(&body));
    request.set_payload(Payload::Stream { payload: Box::pin(reader) });
    let response = next.call(request).await?;
    let (late, read) = (body.borrow().late, body.borrow().read);
    if read {
        return Ok(response.map_into_left_body());
    }
    let response = if late { late_answer(response) } else { response.map_into_boxed_body() };
    let response = response.map_body(|_, answer| Held { answer, _unread: body });
    Ok(response.map_into_boxed_body().map_into_right_body())
}

fn late_answer<B: MessageBody>(response: ServiceResponse<B>) -> ServiceResponse {
    let why = "the body took too long";
    let mut answer = HttpResponse::RequestTimeout();
    answer.force_close();
    let answer = if speaks_json(response.request().path()) {
        answer.json(serde_json::json!({ "error": why }))
    } else {
        answer.content_type("text/plain; charset=utf-8").body(why)
    };
    response.into_response(answer)
}

/// A body on its way.
struct Coming {
    payload: Payload,
    /// When it is late; later with all that came.
    until: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    late: bool,
    /// To its end.
    read: bool,
}

impl Coming {
    fn new(payload: Payload) -> Self {
        let until = Instant::now() + PATIENCE;
        Self { payload, until, timer: None, late: false, read: false }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        match Pin::new(&mut self.payload).poll_next(cx) {
            Poll::Ready(Some(Ok(piece))) => {
                let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
                self.until += Duration::from_secs(1) * length / SLOWEST;
                Poll::Ready(Some(Ok(piece)))
            }
            Poll::Ready(end) => {
                self.read = end.is_none();
                Poll::Ready(end)
            }
            Poll::Pending => self.wait(cx),
        }
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        let until = self.until;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        if timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.late = true;
        Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
    }
}

/// What handlers read.
struct Reader(Rc<RefCell<Coming>>);

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll(cx)
    }
}

/// An answer to a request whose body was not read to its end. The body is kept as long: the server
/// would wait for the rest of one in chunks, for ever, once nobody holds it.
struct Held {
    answer: BoxBody,
    _unread: Rc<RefCell<Coming>>,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(cx)
    }
}
