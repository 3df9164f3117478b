//! The program: a node (`serve`), and the commands its operator needs beside it.
mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
