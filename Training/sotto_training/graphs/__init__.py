"""The product's way from samples to codes and back as ONNX graphs, which run wherever there is a runtime for them."""
