// SPDX-License-Identifier: Apache-2.0
//! Speech to codes and back, 16-bit samples at 16 kHz through a pipe: roundtrip MODEL < in.s16 > out.s16
//! rustc -O roundtrip.rs -L PREFIX/lib -l sotto

use std::ffi::{c_char, c_void, CStr, CString};
use std::io::{Read, Write};
use std::ptr::{null, null_mut};

#[repr(C)]
struct Failure {
    status: i32,
    message: [c_char; 508],
}

type Handle = *mut c_void;

extern "C" {
    fn sotto_abi() -> i32;
    fn sotto_model_open(path: *const c_char, model: *mut Handle, error: *mut Failure) -> i32;
    fn sotto_model_close(model: Handle);
    fn sotto_encoder_open(model: Handle, codes: i32, average: i32, text: *const c_char, encoder: *mut Handle, error: *mut Failure) -> i32;
    fn sotto_encoder_width(encoder: Handle, width: *mut i32, error: *mut Failure) -> i32;
    fn sotto_encoder_push_int16(encoder: Handle, samples: *const i16, count: usize, error: *mut Failure) -> i32;
    fn sotto_encoder_finish(encoder: Handle, error: *mut Failure) -> i32;
    fn sotto_encoder_read(encoder: Handle, codes: *mut u16, counts: *mut u8, room: usize, frames: *mut usize, error: *mut Failure) -> i32;
    fn sotto_encoder_close(encoder: Handle);
    fn sotto_decoder_open(model: Handle, samples: i64, reads_text: i32, decoder: *mut Handle, error: *mut Failure) -> i32;
    fn sotto_decoder_push(decoder: Handle, codes: *const u16, counts: *const u8, frames: usize, width: usize, error: *mut Failure) -> i32;
    fn sotto_decoder_finish(decoder: Handle, error: *mut Failure) -> i32;
    fn sotto_decoder_read(decoder: Handle, samples: *mut f32, room: usize, count: *mut usize, error: *mut Failure) -> i32;
    fn sotto_decoder_close(decoder: Handle);
}

/// Calls the library; what it complains of becomes an error.
fn call(body: impl FnOnce(*mut Failure) -> i32) -> Result<(), Box<dyn std::error::Error>> {
    let mut failure = Failure { status: 0, message: [0; 508] };
    if body(&mut failure) == 0 {
        return Ok(());
    }
    Err(unsafe { CStr::from_ptr(failure.message.as_ptr()) }.to_string_lossy().into())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(unsafe { sotto_abi() }, 1, "another libsotto than this program was made for");
    let path = CString::new(std::env::args().nth(1).ok_or("roundtrip MODEL < in.s16 > out.s16")?)?;
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let samples: Vec<i16> = bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();

    let (mut model, mut encoder, mut decoder): (Handle, Handle, Handle) = (null_mut(), null_mut(), null_mut());
    let (mut width, mut frames, mut count) = (0, 0, 0);
    unsafe {
        call(|e| sotto_model_open(path.as_ptr(), &mut model, e))?;
        call(|e| sotto_encoder_open(model, 4, 0, null(), &mut encoder, e))?;
        call(|e| sotto_decoder_open(model, samples.len() as i64, 0, &mut decoder, e))?;
        call(|e| sotto_encoder_width(encoder, &mut width, e))?;
        for chunk in samples.chunks(320) {
            call(|e| sotto_encoder_push_int16(encoder, chunk.as_ptr(), chunk.len(), e))?;
        }
        call(|e| sotto_encoder_finish(encoder, e))?;
        let mut codes = vec![0u16; 64 * width as usize];
        loop {
            call(|e| sotto_encoder_read(encoder, codes.as_mut_ptr(), null_mut(), 64, &mut frames, e))?;
            if frames == 0 {
                break;
            }
            call(|e| sotto_decoder_push(decoder, codes.as_ptr(), null(), frames, width as usize, e))?;
        }
        call(|e| sotto_decoder_finish(decoder, e))?;
        let mut decoded = vec![0f32; samples.len()];
        call(|e| sotto_decoder_read(decoder, decoded.as_mut_ptr(), decoded.len(), &mut count, e))?;
        sotto_encoder_close(encoder);
        sotto_decoder_close(decoder);
        sotto_model_close(model);
        let out: Vec<u8> = decoded[..count].iter().flat_map(|x| ((x * 32768.0).round() as i16).to_le_bytes()).collect();
        std::io::stdout().write_all(&out)?;
    }
    Ok(())
}
