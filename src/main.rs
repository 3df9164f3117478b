//! The program: a node (`serve`), and the commands its operator needs beside it.
mod cli;

/// A fifth of a busy node's time went into the C library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
