# GitHub's runner with kubectl, which deploy/deploy and deploy/remove call.
FROM ghcr.io/actions/actions-runner:latest
ARG KUBECTL=v1.36.1
RUN cd /tmp \
 && curl -fsSLO "https://dl.k8s.io/release/$KUBECTL/bin/linux/amd64/kubectl" \
 && curl -fsSLO "https://dl.k8s.io/release/$KUBECTL/bin/linux/amd64/kubectl.sha256" \
 && echo "$(cat kubectl.sha256)  kubectl" | sha256sum --check \
 && sudo install -m 755 kubectl /usr/local/bin/kubectl && rm kubectl*
