# icon with llama.cpp and the embedded model; without arguments it runs the demo.
# docs/how-to/run-in-a-container.md says how to build and use it.

FROM python:3.12-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential cmake ninja-build \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY icon icon
COPY backends/llamacpp backends/llamacpp
# Compiled for any processor of this kind, not for the one that builds the image.
ENV CMAKE_ARGS="-DGGML_NATIVE=OFF"
RUN python -m venv /opt/icon \
    && /opt/icon/bin/pip install --no-cache-dir . "./backends/llamacpp[embedded]"

FROM python:3.12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 icon \
    && install -d -o icon /data \
    && install -d -m 1777 /cache
COPY --from=build /opt/icon /opt/icon
ENV PATH="/opt/icon/bin:$PATH" \
    ICON_CACHE=/cache \
    PYTHONUNBUFFERED=1
USER icon
WORKDIR /data
# As a list, so that signals reach icon itself: Ctrl-C and docker stop keep what is finished.
ENTRYPOINT ["icon"]
CMD ["run"]
