# The build runs on the image that the service runs on, because of native libraries
# (uWebSockets.js, lmdb): same C library, same Node ABI.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY proto proto
RUN npm run build && npm prune --omit=dev --no-audit --no-fund
# onnxruntime-node brings every platform's library (288 MB); this image is linux/x64.
RUN native=node_modules/onnxruntime-node/bin/napi-v6; \
    if [ -d "$native" ]; then \
      find "$native" -mindepth 1 -maxdepth 1 ! -name linux -exec rm -rf {} + && \
      find "$native/linux" -mindepth 1 -maxdepth 1 ! -name x64 -exec rm -rf {} +; \
    fi

FROM node:20-bookworm-slim
ENV NODE_ENV=production SLUICE_HOST=0.0.0.0 SLUICE_CONTROL_HOST=0.0.0.0 SLUICE_STORE=lmdb:/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/proto proto
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
  ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SLUICE_PORT || 8080) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js", "start"]
