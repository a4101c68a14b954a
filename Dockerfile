# The service, its storefront and its dashboard. The image needs a PostgreSQL of its own: set DATABASE_URL (docker-compose.yml does).
#
# Every FROM names its base in full, so that Dependabot can move tag and digest together. The digest is what is
# pulled; the tag tells people which version that is. `docker buildx imagetools inspect node:TAG` shows the digest
# of another tag.

# What npm needs to know before any source is copied, so that a change of code does not install everything anew.
FROM node:26.10.0-bookworm-slim@sha256:662933cf47f013bc8e4beb31a6116448427a82057ba7c42c97e4c5ba766504c2 AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY api/package.json api/
COPY bench/package.json bench/
COPY chaos/package.json chaos/
COPY clients/typescript/package.json clients/typescript/
COPY dashboard/package.json dashboard/
COPY demo/package.json demo/
COPY node-cluster-autoscale/package.json node-cluster-autoscale/
COPY storefront/package.json storefront/

# Both take the shapes of their data from the API's contract, the storefront through the client that it calls with.
FROM manifests AS pages
RUN npm ci --workspace api --workspace clients/typescript --workspace dashboard --workspace storefront --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY api/contract api/contract
COPY clients/typescript clients/typescript
COPY scripts/pack-pages.ts scripts/
COPY dashboard dashboard
COPY storefront storefront
RUN node node_modules/vite/bin/vite.js build dashboard \
 && node node_modules/vite/bin/vite.js build storefront

# Only what the service imports. The optional packages bring Node and PostgreSQL, which come as images here.
FROM manifests AS dependencies
RUN npm ci --workspace api --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:26.10.0-bookworm-slim@sha256:662933cf47f013bc8e4beb31a6116448427a82057ba7c42c97e4c5ba766504c2 AS runtime
LABEL org.opencontainers.image.title="Holdfast" \
      org.opencontainers.image.description="A self-hosted reservation service for flash sales." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/compiled \
    NODE_COMPILE_CACHE_PORTABLE=1 \
    HOST=0.0.0.0 \
    PORT=3000 \
    OPS_PORT=3001 \
    DATA_DIR=/data
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY LICENSE ./
COPY node-cluster-autoscale node-cluster-autoscale
COPY migrations migrations
COPY api api
COPY deploy/check-health.mjs deploy/keep-observer-key.mjs deploy/
COPY --from=pages /app/dashboard/dist dashboard/dist
COPY --from=pages /app/storefront/dist storefront/dist
# Proves that all that is imported is here, and keeps the compiled code, which a read-only container could not.
RUN node api/main.ts --help \
 && node --input-type=module --eval "await import('/app/api/worker.ts')" \
 && chmod -R a+rX compiled
# A named volume takes this owner when it is mounted here for the first time.
RUN mkdir /data \
 && chown 1000:1000 /data
VOLUME /data

# The image's user "node", by number, so that an orchestrator can see that it is not root.
USER 1000:1000
EXPOSE 3000 3001
STOPSIGNAL SIGTERM
# Alive, not ready: an orchestrator may replace what is unhealthy, and a new container does not bring a database back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "deploy/check-health.mjs", "/livez"]
CMD ["node", "api/main.ts"]
