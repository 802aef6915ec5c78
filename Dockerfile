# Both stages use the same image. For a build that can be repeated, pin it by digest:
#   docker build --build-arg NODE_IMAGE=node:24-slim@sha256:<digest> --tag serin:0.1.0 .
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM ${NODE_IMAGE}
# npm and its kin have no business in what runs.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn*
COPY --from=build /source/dist /app
COPY --from=build /source/LICENSE /app/LICENSE
# The same as in the chart; any other works as well, also on a root file system that cannot be written.
USER 10001:10001
EXPOSE 8080
ENV NODE_ENV=production
# Three quarters of the memory for a twentieth more processor time: else the heap grows to three times what lives in it, and stays so.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=40", "/app/serin.js"]
CMD ["controller"]
